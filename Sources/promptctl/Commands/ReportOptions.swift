import ArgumentParser
import JSON
import PromptClient
import PromptProtocol

/// What the commands share that show one result of the daemon.
struct ReportOptions: ParsableArguments {
  @OptionGroup var socket: SocketOptions

  @Flag(name: .long, help: "Print the daemon's result as one line of JSON.")
  var json = false

  /// Fetches the result of a method, prints it, as it came or as `page` shows it to people, and
  /// returns it.
  @discardableResult
  func show(
    _ method: RPCMethod, _ params: [(StaticString, String)] = [],
    _ page: (JSONTree, TextStyle) -> String
  ) async throws -> JSONTree {
    let body = Self.object(params)
    let result = try await PromptClient.withConnection(to: socket.path) {
      try await $0.report(method, body)
    }
    let output = StandardStream.output
    if json {
      try output.writeLine(result.text)
      return result
    }
    try output.writeStyled(page(result, output.style))
    return result
  }

  private static func object(_ params: [(StaticString, String)]) -> [UInt8]? {
    guard !params.isEmpty else { return nil }
    var writer = JSONWriter()
    writer.object { writer in
      for (name, value) in params { writer.member(name, value) }
    }
    return writer.bytes
  }
}
