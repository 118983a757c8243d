import Glibc
import PromptClient

/// Standard output or standard error.
struct StandardStream: Sendable {
  let descriptor: CInt

  static let output = StandardStream(descriptor: STDOUT_FILENO)
  static let error = StandardStream(descriptor: STDERR_FILENO)

  /// Fills standard streams that are closed with something that cannot be read or written, so that
  /// using them fails, and no socket gets their numbers.
  static func fillClosed() {
    // open(2) gives the lowest number that is free.
    for number in 0...2 as ClosedRange<CInt> where fcntl(number, F_GETFD) == -1 {
      guard open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) == number else {
        return
      }
    }
  }

  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal; nil where there is none, or that cannot be told.
  var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// How text for people looks here.
  var style: TextStyle {
    .forOutput(
      isTerminal: isTerminal, width: columns, environment: ProcessEnvironment.variables)
  }

  /// Writes text as it is; a terminal gets it without control characters, which could be anybody's.
  func write(_ text: String) throws(Ending) {
    let bytes = isTerminal ? PlainText.printable(text) : text
    try writeStyled(bytes)
  }

  /// Writes a line.
  func writeLine(_ line: String) throws(Ending) { try write(line + "\n") }

  /// Writes text with the escapes of a `TextStyle`, whose other parts are printable already.
  func writeStyled(_ text: String) throws(Ending) {
    do {
      try BlockingIO.write(text.utf8, to: descriptor)
    } catch {
      throw .output(error)
    }
  }

  /// Says what went wrong, on one line or more.
  func complain(_ message: String) {
    do {
      try BlockingIO.write(
        "promptctl: \(PlainText.printable(message))\n".utf8, to: descriptor)
    } catch {
      // Where complaints go nowhere, the exit code has to do.
    }
  }
}
