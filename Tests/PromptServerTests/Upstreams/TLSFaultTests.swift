import JSON
import PromptProtocol
import TestSupport
import Testing

/// Upstreams that are not whom they should be, with `openssl s_server` as the upstream.
@Suite(
  .timeLimit(.minutes(5)),
  .enabled(if: Authority.isAvailable, "openssl(1) makes the certificates: install openssl"))
struct TLSFaultTests {
  private static let ending = Fault.Ending.told(.upstreamUnreachable, http: 502, attempts: 1)

  @Test(arguments: [("elsewhere", 2, "host name"), ("localhost", -1, "expired")], [false, true])
  func aCertificateThatDoesNotHoldIsToldAtOnce(
    _ certificate: (host: String, days: Int, words: String), _ streams: Bool
  ) async throws {
    let authority = try Authority(host: certificate.host, days: certificate.days)
    try await expectTold(authority, trusting: authority.certificate, certificate.words, streams)
  }

  @Test(arguments: [false, true])
  func anAuthorityThatNobodyNamedIsToldAtOnce(_ streams: Bool) async throws {
    try await expectTold(try Authority(), trusting: nil, "certificate", streams)
  }

  /// The server takes one connection for each question, and has ended after that: with a second try
  /// of any, it would be gone before the last, which would be told in other words.
  private func expectTold(
    _ authority: Authority, trusting: String?, _ words: String, _ streams: Bool
  ) async throws {
    let questions = Dialect.allCases.count * 2
    let (server, url) = try serve(authority, connections: questions)
    let settings = trusting.map { "ca_file = \"\($0)\"" } ?? ""
    try await DaemonFixture.run(calling: url, settings: settings) { daemon in
      for dialect in Dialect.allCases {
        for _ in 1...2 {
          let outcome = try await dialect.ask(daemon, "\(dialect)", streams: streams)
          Self.ending.expect(outcome, streams: streams)
          let message = outcome.error?["message"]?.string ?? ""
          #expect(message.contains(words), "\(message)")
          try await daemon.waitUntilIdle()
        }
      }
      _ = server.finish()
      try await daemon.expectKept(0)
    }
  }

  /// Starts a server that takes so many connections, and returns its URL.
  private func serve(
    _ authority: Authority, connections: Int
  ) throws -> (server: OpenSSLProcess, url: String) {
    let server = try OpenSSLProcess(
      "s_server -accept 127.0.0.1:0 -naccept \(connections) -cert server.pem -key server.key -HTTP",
      in: authority.folder)
    let words = server.read(until: "ACCEPT")
    let port = try #require(words.firstMatch(of: /ACCEPT 127\.0\.0\.1:([0-9]+)/)?.1, "\(words)")
    return (server, "https://localhost:\(port)/v1")
  }
}
