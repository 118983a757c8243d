import Dispatch
import Glibc
import PromptClient
import Synchronization

/// The terminal as a screen to draw on: its other buffer, without echo and without lines, until it is
/// given back. However somebody ends the program, but by SIGKILL, the terminal is as it was.
enum FullScreen {
  /// The settings to give back; nil while the terminal is not taken. Under its lock the terminal is
  /// written to, so that nothing is drawn on it any more once it is given back.
  private static let saved = Mutex<termios?>(nil)
  /// The alternate buffer and no cursor (xterm's private modes 1049 and 25).
  private static let begin = "\u{1B}[?1049h\u{1B}[?25l"
  private static let end = "\u{1B}[?25h\u{1B}[?1049l"

  /// Takes the terminal; throws where standard input or output is none.
  static func open() throws(Ending) {
    var settings = termios()
    guard isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else {
      throw Ending(
        code: 64, message: "top needs a terminal: promptctl status shows the same once")
    }
    let terminal = ProcessEnvironment.variables["TERM"] ?? ""
    guard !["", "dumb", "unknown"].contains(terminal) else {
      throw Ending(
        code: 64,
        message: "top needs a terminal with a screen, and TERM says that this has none: promptctl "
          + "status shows the same once")
    }
    for number in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] { giveBack(at: number) }
    // Stopped in the middle, it would leave the terminal to the shell as it is.
    signal(SIGTSTP, SIG_IGN)
    try saved.withLock { saved throws(Ending) in
      try StandardStream.output.writeStyled(begin)
      saved = settings
      settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
  }

  /// Gives the terminal back, once.
  static func close() {
    saved.withLock { saved in
      guard var settings = saved else { return }
      saved = nil
      // Where nobody looks any more there is nothing to give back.
      do { try StandardStream.output.writeStyled(end) } catch {}
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
  }

  private static func giveBack(at number: CInt) {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number)
    // The handler holds its source: it is to stay for as long as the process.
    source.setEventHandler {
      withExtendedLifetime(source) {
        close()
        _exit(128 + number)
      }
    }
    source.activate()
  }

  /// Columns and rows; 80×24 where that cannot be told.
  static var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Draws lines from the top, each to the end of its row, where the terminal is still taken.
  static func draw(_ lines: [String]) throws(Ending) {
    let rows = lines.map { "\($0)\u{1B}[K" }
    let screen = "\u{1B}[H" + rows.joined(separator: "\r\n") + "\u{1B}[J"
    try saved.withLock { saved throws(Ending) in
      if saved != nil { try StandardStream.output.writeStyled(screen) }
    }
  }

  /// What was typed within so many milliseconds; empty if nothing was, or the size changed. Nil at the
  /// end of the input.
  static func typed(within milliseconds: Int) -> [UInt8]? {
    var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, CInt(milliseconds)) == 1 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}
