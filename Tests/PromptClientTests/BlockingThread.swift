import Dispatch

/// A thread of its own for a call that blocks.
enum BlockingThread {
  static func run(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "test.blocking").async(execute: body)
  }
}
