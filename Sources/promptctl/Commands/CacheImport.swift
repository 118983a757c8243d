import ArgumentParser
import Glibc
import JSON
import PromptClient
import PromptProtocol

/// `promptctl cache import`
struct CacheImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in entries that cache export wrote.",
    discussion: """
      For administrators. Key and variant are worked out anew from each entry's request, and what \
      could not have been stored is refused: then the exit code is 65, and what is good is taken in.

      Example: promptctl cache import answers.jsonl
      """)

  @Argument(help: "A file of lines; standard input without it.", completion: .file())
  var file: String?

  @OptionGroup var socket: SocketOptions

  /// Bytes of lines that are sent at a time, about: a line of the daemon's own takes no more.
  private static let batchBytes = 4 << 20

  func run() async throws {
    let descriptor = try file.map { try InputFile.open($0) } ?? STDIN_FILENO
    defer { if file != nil { close(descriptor) } }
    var lines = InputLines(descriptor, name: file ?? "standard input")
    let (imported, refused) = try await PromptClient.withConnection(to: socket.path) { client in
      var totals = (imported: 0, refused: 0)
      while let batch = try lines.next(bytes: Self.batchBytes) {
        let result = try await send(batch.map(\.text), client)
        totals.imported += result["imported"]?.int ?? 0
        for refusal in result["refused"]?.array ?? [] {
          totals.refused += 1
          guard let index = refusal["index"]?.int, batch.indices.contains(index) else { continue }
          StandardStream.error.complain(
            "line \(batch[index].number): \(refusal["reason"]?.string ?? "refused")")
        }
      }
      return totals
    }
    try StandardStream.output.writeLine("imported \(imported) answers")
    if refused > 0 { throw Ending(code: 65, message: "\(refused) lines were refused") }
  }

  private func send(_ lines: [[UInt8]], _ client: PromptClient) async throws -> JSONTree {
    let entries = Array(lines.joined(separator: [UInt8(ascii: ",")]))
    let params = Array(#"{"entries":["#.utf8) + entries + Array("]}".utf8)
    return try await client.report(.cacheImport, params, within: .seconds(300))
  }
}
