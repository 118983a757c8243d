import Glibc
import PromptClient

/// How a command ends that did not do all that it was asked.
struct Ending: Error, Equatable {
  /// By sysexits.h; 128 and a signal's number where that is what the shell would report.
  var code: Int32
  /// For people, on standard error; nil when nothing is to be said.
  var message: String?

  /// Nobody reads standard output any more, which is no news to anybody.
  static let brokenPipe = Ending(code: 128 + SIGPIPE, message: nil)

  /// Ctrl-C.
  static let interrupted = Ending(code: 128 + SIGINT, message: nil)

  init(code: Int32, message: String?) {
    self.code = code
    self.message = message
  }

  /// The ending for an error; nil for those that the argument parser explains.
  init?(_ error: any Error) {
    switch error {
    case let error as Ending: self = error
    case let error as ClientError: self.init(code: error.exitCode, message: error.description)
    case let error as RawRelay.Failure: self = Self.relay(error)
    default: return nil
    }
  }

  /// The ending for output that could not be written.
  static func output(_ fault: BlockingIO.Fault) -> Ending {
    if fault.code == EPIPE { return brokenPipe }
    return Ending(code: 74, message: "cannot write to standard output: \(fault.reason)")
  }

  private static func relay(_ failure: RawRelay.Failure) -> Ending {
    switch failure {
    case .output(let fault): output(fault)
    case .input(let fault):
      Ending(code: 65, message: "cannot read standard input: \(fault.reason)")
    case .cutShort:
      Ending(
        code: 69,
        message: "the daemon closed the connection before it had answered every line: send the "
          + "lines without an answer again, and look at journalctl -u promptd")
    }
  }
}
