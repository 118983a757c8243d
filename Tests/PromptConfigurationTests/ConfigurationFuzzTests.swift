import FoundationEssentials
import Glibc
import PromptConfiguration
import TestSupport
import Testing

/// Whatever is done to the shipped file, loading it gives a configuration or faults.
struct ConfigurationFuzzTests {
  private static let secret = "made-up-key-0123456789"

  /// Pieces that parsers stumble over.
  private static let pieces = [
    "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\"", "'", "\"\"\"", "'''", "\\", "\\u0000",
    "\\uD800", "\u{0}", "\r", "\n", "\n", "\t", " ", " ", "_", "-", "+", ":", "\u{feff}", "é", "#",
    "\u{b}", "\u{a0}", "\u{2028}", "a", "a=", "a.b", "1", "0", "12", "2026-01-01", "T", "07:00",
    "true", "fals", "nan", "-inf", "0x", "0b1", "1e9", "1e999", "-0", "0xp1", ".5",
    "9223372036854775808", "99999999999999999999d", "1979-05-27T07:32:00Z", "[[upstream]]\n",
    "[upstream]\n", "[[client]]\n", "upstream = 1\n", "share = []\n", "\"\" = 1\n", "[[[[[[[[",
    "{a={a={a=", "user = \"alice\"\n", "name = ",
  ]

  let fixture: ConfigurationFixture

  init() throws {
    fixture = try ConfigurationFixture()
    try fixture.write(Self.secret, to: "credentials/keys_jiekou")
  }

  /// More where `FUZZ_ROUNDS` says so.
  private static let rounds =
    ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 2000

  @Test func noMutationOfTheShippedFileIsMoreThanAFault() throws {
    let root = #filePath.split(separator: "/Tests/")[0]
    let text = try String(contentsOfFile: "\(root)/etc/promptd.toml", encoding: .utf8)
    // The same with all that is commented out.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let written = lines.map { line in
      line.hasPrefix("#") && line.dropFirst().first != " " ? line.dropFirst() : line
    }.joined(separator: "\n")
    var loaded = 0
    for round in 0..<Self.rounds {
      var generator = SplitMix(seed: UInt64(round))
      let original = round.isMultiple(of: 2) ? text : written
      if try load(Self.mutated(Array(original.utf8), &generator), round: round) { loaded += 1 }
    }
    #expect(loaded > 0 && loaded < Self.rounds, "some mutations are harmless, and most are not")
  }

  @Test func noSequenceOfPiecesIsMoreThanAFault() throws {
    for round in 0..<Self.rounds {
      var generator = SplitMix(seed: UInt64(round))
      var text = ""
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        text += Self.pieces.randomElement(using: &generator) ?? ""
      }
      _ = try load(Array(text.utf8), round: round)
    }
  }

  /// Whether the bytes are a configuration; its faults must be as they are promised otherwise.
  private func load(_ bytes: [UInt8], round: Int) throws -> Bool {
    let path = "\(fixture.folder)/promptd.toml"
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    do {
      _ = try fixture.loader().load(file: path)
      return true
    } catch {
      #expect(!error.faults.isEmpty, "round \(round)")
      #expect(error.faults.allSatisfy { $0.file == path }, "round \(round)")
      #expect(error.faults.allSatisfy { !$0.message.isEmpty }, "round \(round)")
      #expect(!error.description.contains(Self.secret), "round \(round)")
      return false
    }
  }

  private static func mutated(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let start = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, start + Int.random(in: 0...40, using: &generator))
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: start)
      case 1: bytes.removeSubrange(start..<end)
      case 2: bytes.insert(contentsOf: bytes[start..<end], at: start)
      case 3: bytes.replaceSubrange(start..<end, with: bytes[start..<end].reversed())
      case 4: if start < end { bytes[start] ^= 1 << UInt8.random(in: 0..<7, using: &generator) }
      case 5: bytes.removeSubrange(max(start, bytes.count / 8)...)
      default:
        let piece = pieces.randomElement(using: &generator) ?? ""
        bytes.insert(contentsOf: Array(piece.utf8), at: start)
      }
    }
    return bytes
  }
}
