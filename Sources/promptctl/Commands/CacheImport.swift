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

  @Flag(name: .long, help: "Print how many were imported and refused as one line of JSON.")
  var json = false

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
        for line in batch {
          guard let fault = line.fault else { continue }
          totals.refused += 1
          Self.complain(line, fault)
        }
        let good = batch.filter { $0.fault == nil }
        if good.isEmpty { continue }
        let (imported, refused) = try await send(good, client)
        totals.imported += imported
        totals.refused += refused
      }
      return totals
    }
    try StandardStream.output.writeLine(
      json ? Self.json(imported, refused) : "imported \(imported) answers")
    if refused > 0 { throw Ending(code: 65, message: "\(refused) lines were refused") }
  }

  private static func json(_ imported: Int, _ refused: Int) -> String {
    JSONTree.object([
      .init("imported", .number(String(imported))), .init("refused", .number(String(refused))),
    ]).text
  }

  private func send(
    _ lines: [InputLines.Line], _ client: PromptClient
  ) async throws -> (imported: Int, refused: Int) {
    let entries = Array(lines.map(\.text).joined(separator: [UInt8(ascii: ",")]))
    let params = Array(#"{"entries":["#.utf8) + entries + Array("]}".utf8)
    let result: JSONTree
    do {
      result = try await client.report(.cacheImport, params, within: .seconds(300))
    } catch ClientError.refused(let error) where error.name == .tooLarge && lines.count == 1 {
      Self.complain(lines[0], error.message)
      return (0, 1)
    }
    let refusals = result["refused"]?.array ?? []
    for refusal in refusals {
      guard let index = refusal["index"]?.int, lines.indices.contains(index) else { continue }
      Self.complain(lines[index], refusal["reason"]?.string ?? "refused")
    }
    return (result["imported"]?.int ?? 0, refusals.count)
  }

  private static func complain(_ line: InputLines.Line, _ reason: String) {
    StandardStream.error.complain("line \(line.number): \(reason)")
  }
}
