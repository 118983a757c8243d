import PromptConfiguration
import Testing

struct LoopbackAddressTests {
  @Test(arguments: [
    ("127.0.0.1:4891", "127.0.0.1", 4891), ("127.1.2.3:1", "127.1.2.3", 1),
    ("[::1]:65535", "::1", 65_535), ("localhost:80", "localhost", 80),
  ])
  func anAddressOfThisMachineHasHostAndPort(text: String, host: String, port: Int) throws {
    let address = try #require(LoopbackAddress(text))
    #expect(address.host == host)
    #expect(address.port == port)
  }

  @Test(arguments: [
    "", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80",
    "127.0.0.1: 80", "0.0.0.0:80", "10.0.0.1:80", "::1:80", "[::]:80", "[::2]:80", "[::1:80",
    "[127.0.0.1]:80", "[localhostx:80", "[]:80", "[:80", "localhost.example:80", "127.0.0.1:٨٠",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(LoopbackAddress(text) == nil)
  }
}
