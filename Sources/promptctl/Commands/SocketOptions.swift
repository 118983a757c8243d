import ArgumentParser
import Glibc
import PromptClient
import PromptConfiguration

/// Which daemon, for every command that talks to one.
struct SocketOptions: ParsableArguments {
  @Option(
    name: .long, help: "The daemon's socket, in place of the usual one.", completion: .file())
  var socket: String?

  func validate() throws {
    if socket?.isEmpty == true { throw ValidationError("--socket needs a path") }
  }

  /// The path of the socket to dial.
  var path: String { Self.path(socket) }

  /// The path where nothing is said.
  static var usualPath: String { path(nil) }

  private static func path(_ socket: String?) -> String {
    let environment = ProcessEnvironment.variables
    return SocketLocation.path(
      option: socket, environment: environment,
      userSocket: Places.user(environment: environment, userID: geteuid()).socket,
      systemSocket: Places.system().socket)
  }
}
