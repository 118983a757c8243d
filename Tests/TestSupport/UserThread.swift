import CUserThread
import Glibc

/// Another user and its group, for a thread: what it does, it does as that user. It takes root.
///
/// The kernel keeps credentials for each thread; only the functions of the C library change those
/// of all at once (credentials(7), NPTL and process-wide credentials).
package struct UserThread: Sendable {
  package var user: UInt32
  package var groups: [UInt32]

  /// A user, with the groups that it is in, the primary one first.
  package init(_ user: UInt32, groups: [UInt32]) {
    self.user = user
    self.groups = groups
  }

  /// Whether this process may become other users.
  package static var isPossible: Bool { geteuid() == 0 }

  /// A connection of this user to the Unix socket at `path`.
  package func connect(to path: String) throws -> Int32 {
    try run { try SocketPath(path).connect() }
  }

  /// Runs `body` on a thread of its own as this user.
  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let task = Task<Value>(self, body)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(task as AnyTask)
    let code = pthread_create(&thread, nil, runTask, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw ConnectionFailure(description: "no thread: \(String(cString: strerror(code)))")
    }
    pthread_join(thread, nil)
    guard let result = task.result else {
      throw ConnectionFailure(description: "the thread could not become user \(user)")
    }
    return try result.get()
  }

  private func become() -> Bool {
    user_thread_set_groups(groups.count, groups) == 0
      && user_thread_set_gid(groups.first ?? user) == 0 && user_thread_set_uid(user) == 0
  }

  private class AnyTask {
    func perform() {}
  }

  private final class Task<Value: Sendable>: AnyTask {
    private let user: UserThread
    private let body: () throws -> Value
    private(set) var result: Result<Value, any Error>?

    init(_ user: UserThread, _ body: @escaping () throws -> Value) {
      self.user = user
      self.body = body
    }

    override func perform() {
      if user.become() { result = Result { try body() } }
    }
  }

  fileprivate static func perform(_ context: UnsafeMutableRawPointer) {
    Unmanaged<AnyTask>.fromOpaque(context).takeRetainedValue().perform()
  }
}

/// The start routine of pthread_create(3).
private func runTask(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let context { UserThread.perform(context) }
  return nil
}
