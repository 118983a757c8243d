import PromptConfiguration
import Testing

struct BaseURLTests {
  private func address(_ url: String) throws -> BaseURL? {
    try ConfigurationFixture().load(text(url)).upstreams.first?.address
  }

  private func text(_ url: String) -> String {
    "[[upstream]]\nname = \"a\"\nbase_url = '\(url)'\nauth = \"none\"\n"
  }

  @Test(arguments: [
    "https://api.jiekou.ai/openai/v1", "https://api.example", "https://10.0.0.1:8443/v1",
    "https://[2001:db8::1]:8443/v1", "http://localhost/v1", "http://localhost:8080/v1",
    "http://127.0.0.1/v1", "http://127.9.9.9:1/v1", "http://[::1]:8080/v1",
  ])
  func httpsAnywhereAndHttpOnThisMachineAreTaken(url: String) throws {
    let address = try #require(try address(url))
    #expect(address.written == url)
    #expect(address.url == url)
    #expect(address.unixSocket == nil)
  }

  @Test func slashesAtTheEndAreNoPartOfTheBase() throws {
    #expect(try address("https://api.example/v1//")?.url == "https://api.example/v1")
  }

  @Test func aUnixSocketHasItsPathAndThenAPrefix() throws {
    let address = try #require(try address("unix:/run/up.sock:/v1/"))
    #expect(address.unixSocket == "/run/up.sock")
    #expect(address.url == "http://localhost/v1")
    #expect(try self.address("unix:/run/up.sock")?.url == "http://localhost")
  }

  @Test(arguments: [
    "", "api.example/v1", "ftp://api.example", "http://api.example/v1", "http://10.0.0.1/v1",
    "http://127.0.0.1.example/v1", "http://localhost.example", "http://[::2]/v1",
    "http://[localhost]/v1", "http://localhost@evil.example/v1", "https://user:pass@api.example",
    "https://", "https:///v1", "https://:443/v1", "https://api.example:0/v1",
    "https://api.example:65536", "https://api.example:", "https://api example/v1",
    "https://api.example/v1?key=1", "https://api.example/v1#top", "https://[::1",
    "unix:run/up.sock:/v1", "unix:", "unix:/", "unix:/run/up.sock:/v1?x",
    "unix:/\(String(repeating: "x", count: 107))", "file:///etc/passwd", "https://ä.example",
  ])
  func anythingElseIsRefusedAndNotRepeated(url: String) throws {
    let faults = try ConfigurationFixture().faults(text(url))
    #expect(faults.keyPaths == ["upstream[0].base_url"])
    #expect(url.count < 12 || !faults.text.contains(url))
  }
}
