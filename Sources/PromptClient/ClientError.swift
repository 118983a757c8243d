import Glibc
import PromptProtocol

/// Why a client got no answer: what happened, and what to do next.
package enum ClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nothing listens at the path.
  case noDaemon(path: String)
  /// The socket's permissions keep this user out.
  case notPermitted(path: String, group: String?)
  /// The socket's backlog stayed full.
  case busy(path: String)
  /// No socket path: Linux takes at most 107 bytes (unix(7)).
  case pathTooLong(path: String)
  /// Any other error of connect(2), by its errno(3).
  case unreachable(path: String, code: CInt)
  /// The connection ended before the answer did.
  case connectionLost
  /// No answer within so many seconds.
  case silent(seconds: Double)
  /// What came is not what promptd says.
  case notPromptd(reason: String)
  /// The daemon said no.
  case refused(DaemonError)

  /// The exit code of a command that ends with this error (sysexits.h).
  package var exitCode: Int32 {
    switch self {
    case .noDaemon, .unreachable, .connectionLost: 69
    case .notPermitted: 77
    case .busy, .silent: 75
    case .pathTooLong: 64
    case .notPromptd: 76
    case .refused(let error): error.exitCode
    }
  }

  package var description: String {
    switch self {
    case .noDaemon(let path):
      "no daemon at \(path): systemctl start promptd, or make run"
    case .notPermitted(let path, let group?):
      "you may not connect to \(path): join the group \(group) (usermod -aG \(group) NAME), "
        + "then log in again"
    case .notPermitted(let path, nil):
      "you may not connect to \(path): ls -l shows who may"
    case .busy(let path):
      "the daemon at \(path) takes no connection at present: try again, and look at "
        + "journalctl -u promptd if that goes on"
    case .pathTooLong(let path):
      "the socket path is too long (\(path.utf8.count) bytes, at most "
        + "\(SocketDialer.longestPath)): give --socket a shorter one"
    case .unreachable(let path, let code):
      "cannot connect to \(path): \(Self.reason(code)); check --socket and $PROMPTD_SOCKET"
    case .connectionLost:
      "the daemon closed the connection before it had answered: try again, and look at "
        + "journalctl -u promptd"
    case .silent(let seconds):
      "the daemon did not answer within \(seconds) s: try again, and look at "
        + "journalctl -u promptd if that goes on"
    case .notPromptd(let reason):
      "what answers at the socket does not speak promptd's protocol (\(reason)): check --socket "
        + "and $PROMPTD_SOCKET"
    case .refused(let error) where error.name == .unknownMethod:
      "the daemon is of another version than this promptctl (\(ProtocolVersion.program)) and does not "
        + "know this: promptctl ping tells its version, systemctl restart promptd starts the "
        + "installed one"
    case .refused(let error): error.description
    }
  }

  /// The error that connect(2) ended with, told apart by what the user can do.
  static func connecting(to path: String, code: CInt) -> Self {
    switch code {
    case ENOENT, ECONNREFUSED: .noDaemon(path: path)
    case EACCES, EPERM: .notPermitted(path: path, group: group(of: path))
    case EAGAIN: .busy(path: path)
    default: .unreachable(path: path, code: code)
    }
  }

  /// The group whose members the socket lets in; nil where it is nobody's but root's, or cannot be
  /// told.
  private static func group(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_gid != 0, status.st_mode & S_IWGRP != 0 else {
      return nil
    }
    return name(ofGroup: status.st_gid)
  }

  /// Asks with more and more room, up to what a group of very many members takes.
  private static func name(ofGroup gid: gid_t) -> String? {
    var (room, code) = (1024, ERANGE)
    while code == ERANGE, room <= 1 << 20 {
      room *= 4
      var entry = Glibc.group()
      let name: String?
      (name, code) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { text in
        var found: UnsafeMutablePointer<Glibc.group>?
        let code = getgrgid_r(gid, &entry, text.baseAddress, room, &found)
        return (found.map { String(cString: $0.pointee.gr_name) }, code)
      }
      if code == 0 { return name }
    }
    return nil
  }

  private static func reason(_ code: CInt) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }
}
