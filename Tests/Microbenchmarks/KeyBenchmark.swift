import JSON
import PromptCore
import PromptProtocol

/// What the keys of a body cost that is not known: parsing, checking, canonical form and hashes.
struct KeyBenchmark {
  /// Keys of bodies of a KiB, of 64 KiB and of 8 MiB.
  func run() throws -> [Figure] {
    try [(1, 20_000), (64, 1000), (8 << 10, 20)].map { kibibytes, rounds in
      let text = String(repeating: "The quick brown fox. ", count: kibibytes * 1024 / 21)
      let body = Array(
        #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}],"seed":1}"#.utf8)
      let padded = body + [UInt8](repeating: 0x20, count: JSONParser.padding)
      let parser = JSONParser()
      var maker = KeyMaker()
      return try Figure.each("keys of a body of \(kibibytes) KiB", rounds) {
        for _ in 0..<rounds {
          try padded.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<body.count])
            try parser.withDocument(padded: bytes) { _ = try maker.keys(for: try ChatBody($0)) }
          }
        }
      }
    }
  }
}
