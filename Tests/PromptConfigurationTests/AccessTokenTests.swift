import PromptConfiguration
import PromptCore
import PromptProtocol
import Testing

/// The tokens of the loopback listener: which file holds which, and what is wrong with it.
struct AccessTokenTests {
  /// What no fault may ever hold.
  private static let secret = "sk-test-0123456789abcdef"

  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  private func text(_ source: String) -> String {
    """
    [listen]
    http = "127.0.0.1:4891"
    \(source)
    [[client]]
    name = "robot"
    user = "alice"
    """
  }

  private func faults(tokens: String, mode: UInt32 = 0o600) throws -> [ConfigurationFault] {
    let path = try fixture.write(tokens, to: "tokens", mode: mode)
    let faults = try fixture.faults(text("http_tokens_file = \"\(path)\""))
    for fault in faults { #expect(!"\(fault)".contains(Self.secret)) }
    return faults
  }

  @Test func aFileHoldsATokenAndItsClientInEachLine() throws {
    let path = try fixture.write("# for tests\n\n  one robot \r\ntwo\trobot", to: "tokens")
    let listen = try fixture.load(text("http_tokens_file = \"\(path)\"")).listen
    #expect(
      listen.httpTokens == ["one", "two"].map { AccessToken(token: APIKey($0), client: "robot") })
  }

  @Test func anAddressThatOtherMachinesReachIsRefused() throws {
    let path = try fixture.write("one robot", to: "tokens")
    let others = text("http_tokens_file = \"\(path)\"")
      .replacing("127.0.0.1:4891", with: "0.0.0.0:4891")
    #expect(try fixture.faults(others).keyPaths == ["listen.http"])
  }

  @Test func aCredentialDoesToo() throws {
    try fixture.write("one robot\n", to: "credentials/keys_tokens")
    let listen = try fixture.load(text("http_tokens_credential = \"tokens\"")).listen
    #expect(listen.httpTokens.map(\.client) == ["robot"])
  }

  @Test(arguments: [
    ("\(secret)\n", "line 1 must be TOKEN CLIENT"), ("a robot\n\(secret) robot x", "line 2 must"),
    ("\(secret) stranger", "line 1 must end in the name of a [[client]]"),
    ("robot \(secret)", "line 1 must end in the name"), ("# nothing\n", "holds no token"),
    ("\(secret)é robot", "printable ASCII"),
  ])
  func aLineThatIsNoneIsNamedAndNotShown(tokens: String, message: String) throws {
    let faults = try faults(tokens: tokens)
    #expect(faults.keyPaths == ["listen.http_tokens_file"])
    #expect(faults.text.contains(message), "\(faults.text)")
  }

  @Test func aFileThatOthersMayReadIsRefused() throws {
    #expect(try faults(tokens: "one robot", mode: 0o644).text.contains("can be read or written"))
  }

  @Test func oneOfTheTwoWaysIsEnough() throws {
    let faults = try fixture.faults(
      text("http_tokens_file = \"/t\"\nhttp_tokens_credential = \"t\""))
    #expect(faults.keyPaths.contains("listen.http_tokens_credential"))
    #expect(try fixture.faults(text("")).keyPaths == ["listen.http"])
  }
}
