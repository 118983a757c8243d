import Glibc

/// A descriptor that stays open for as long as somebody holds this: threads that share it can
/// never meet its number in other hands.
final class OpenDescriptor: Sendable {
  let number: CInt

  init(_ number: CInt) { self.number = number }

  deinit { close(number) }
}
