import ArgumentParser
import Glibc
import JSON
import PromptClient
import PromptConfiguration
import PromptProtocol

/// Names that a shell completes, as the running daemon has them. Without a daemon there are none.
enum DaemonNames {
  static let models = kind(.models, "data", "id")
  static let clients = kind(.status, "clients", "name")
  static let upstreams = kind(.status, "upstreams", "name")
  static let requests = kind(.queueList, "rows", "request")
  static let jobs = kind(.jobList, "rows", "job")
  static let classes = CompletionKind.list(PriorityClass.allCases.reversed().map(\.name))

  /// A person waits at a prompt: a daemon that does not answer by then ends the attempt.
  private static let patience: UInt32 = 2

  private static func kind(_ method: RPCMethod, _ list: String, _ name: String) -> CompletionKind {
    .custom { _, _, _ in names(method, list, name) }
  }

  private static func names(_ method: RPCMethod, _ list: String, _ name: String) -> [String] {
    alarm(patience)
    defer { alarm(0) }
    do {
      let result = try EntryReader.read(
        method, Array("{}".utf8), from: SocketOptions.usualPath
      ) { _ in true }
      return (result?[list]?.array ?? []).compactMap { $0[name]?.string }.map(PlainText.cell)
    } catch {
      return []
    }
  }
}
