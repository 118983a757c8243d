import JSON

/// Writes made-up log probabilities, the same for the same token everywhere.
enum TokenLogprob {
  /// Writes one element of `logprobs.content`, with so many alternatives, the token first.
  static func write(_ token: String, alternatives: Int, to writer: inout JSONWriter) {
    writer.object { writer in
      writeMembers(token, rank: 0, to: &writer)
      writer.name("top_logprobs")
      writer.array { writer in
        for rank in 0..<alternatives {
          writer.object {
            writeMembers(rank == 0 ? token : "\(token)~\(rank)", rank: rank, to: &$0)
          }
        }
      }
    }
  }

  private static func writeMembers(_ token: String, rank: Int, to writer: inout JSONWriter) {
    let thousandths = Fingerprint.of(token.utf8) % 1000
    writer.member("token", token)
    writer.member("logprob", -Double(rank) - Double(thousandths) / 1024)
    writer.name("bytes")
    writer.array { for byte in token.utf8 { $0.integer(byte) } }
  }
}
