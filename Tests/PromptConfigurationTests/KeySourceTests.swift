import Glibc
import PromptConfiguration
import PromptProtocol
import Testing

struct KeySourceTests {
  /// What no fault may ever hold.
  private static let secret = "sk-test-0123456789abcdef"

  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  private func text(_ source: String) -> String {
    "[[upstream]]\nname = \"a\"\nbase_url = \"https://api.example/v1\"\n\(source)\n"
  }

  private func faults(_ source: String) throws -> [ConfigurationFault] {
    let faults = try fixture.faults(text(source))
    for fault in faults { #expect(!"\(fault)".contains(Self.secret)) }
    return faults
  }

  @Test func aKeyFileOfTheUserAloneGivesTheKeyWithoutTheSpaceAroundIt() throws {
    let path = try fixture.write("\n  \(Self.secret)\r\n", to: "key")
    let upstream = try #require(fixture.load(text("api_key_file = \"\(path)\"")).upstreams.first)
    #expect(upstream.keySource == .file(path))
    #expect(upstream.key == APIKey(Self.secret))
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o601, 0o644] as [UInt32])
  func aKeyFileThatOthersMayTouchIsRefused(mode: UInt32) throws {
    let path = try fixture.write(Self.secret, to: "key", mode: mode)
    let faults = try faults("api_key_file = \"\(path)\"")
    #expect(faults.keyPaths == ["upstream[0].api_key_file"])
    #expect(faults.text.contains("the file \(path) can be read or written by others"))
  }

  @Test(arguments: ["", "\n", " \t\r\n"])
  func aKeyFileWithoutAKeyIsRefused(content: String) throws {
    let path = try fixture.write(content, to: "key")
    let faults = try faults("api_key_file = \"\(path)\"")
    #expect(faults.text == "the file \(path) is empty; write the key in it")
  }

  @Test(arguments: ["\(secret) \(secret)", "\(secret)\nsecond", "\(secret)\u{1}", "\(secret)é"])
  func aKeyFileWithMoreThanAKeyIsRefused(content: String) throws {
    let path = try fixture.write(content, to: "key")
    let faults = try faults("api_key_file = \"\(path)\"")
    #expect(faults.text.contains("must hold the key alone"))
  }

  @Test func aMissingKeyFileIsAFaultThatNamesIt() throws {
    let path = "\(fixture.folder)/absent"
    let faults = try faults("api_key_file = \"\(path)\"")
    #expect(faults.text == "the file \(path) cannot be read: No such file or directory")
  }

  @Test func aFolderInPlaceOfTheKeyFileIsRefused() throws {
    let faults = try faults("api_key_file = \"\(fixture.folder)\"")
    #expect(faults.text == "the file \(fixture.folder) is not a regular file")
  }

  @Test func aPipeInPlaceOfTheKeyFileHoldsNothingUp() throws {
    let path = "\(fixture.folder)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(try faults("api_key_file = \"\(path)\"").text.contains("is not a regular file"))
  }

  @Test func aKeyFilesPathMustBeAbsoluteAndIsNotRepeatedOtherwise() throws {
    let faults = try faults("api_key_file = \"\(Self.secret)\"")
    #expect(faults.text == "must be an absolute path, beginning with /")
  }

  @Test func aKeyInTheConfigurationIsRefusedWithBothOtherWays() throws {
    let faults = try faults("api_key = \"\(Self.secret)\"")
    #expect(faults.keyPaths == ["upstream[0].api_key"])
    #expect(faults.text.contains("api_key_file = \"/path\""))
    #expect(faults.text.contains("api_key_credential = \"NAME\""))
  }

  @Test(arguments: [
    "api_key = \(secret)", "api_key_file = \(secret)", "api_key = '\(secret)",
    "api_key = \"\(secret)",
    "api_key \(secret)", "api_key = 'a'\(secret)'", "api_key = 12\(secret)", "= \(secret)",
    "api_key = [\(secret)", "api_key = { \(secret) }", "api_key = \"\\\(secret)\"",
  ])
  func aSyntaxErrorNeverRepeatsAKey(line: String) throws {
    let faults = try faults(line)
    #expect(faults.count == 1)
    #expect(faults.first?.line == 4)
  }

  @Test(arguments: ["apikey", "key", "token", "bearer"])
  func aKeyUnderAnotherNameIsNeitherTakenNorRepeated(name: String) throws {
    let faults = try faults("\(name) = \"\(Self.secret)\"")
    #expect(faults.keyPaths.contains("upstream[0].\(name)"))
    #expect(!faults.text.contains("did you mean api_key?"))
  }

  @Test(arguments: ["keys_main", "main"])
  func aCredentialIsFoundUnderEitherName(file: String) throws {
    try fixture.write(Self.secret, to: "credentials/\(file)", mode: 0o440)
    let configuration = try fixture.load(text("api_key_credential = \"main\""))
    #expect(configuration.upstreams.first?.keySource == .credential("main"))
    #expect(configuration.upstreams.first?.key == APIKey(Self.secret))
  }

  @Test func theCredentialOfTheFolderOfKeysGoesFirst() throws {
    try fixture.write("other", to: "credentials/main")
    try fixture.write(Self.secret, to: "credentials/keys_main")
    let configuration = try fixture.load(text("api_key_credential = \"main\""))
    #expect(configuration.upstreams.first?.key == APIKey(Self.secret))
  }

  @Test func aMissingCredentialIsAFaultThatSaysWhereToPutIt() throws {
    let faults = try faults("api_key_credential = \"jiekou\"")
    #expect(faults.keyPaths == ["upstream[0].api_key_credential"])
    #expect(faults.text.contains("there is no such credential in \(fixture.folder)/credentials"))
    #expect(faults.text.contains("put the key into /etc/promptd/keys.d/jiekou"))
  }

  @Test func withoutCredentialsAtAllTheFaultSaysHowToGetThem() throws {
    var loader = fixture.loader()
    loader.environment["CREDENTIALS_DIRECTORY"] = nil
    let file = try fixture.write(text("api_key_credential = \"jiekou\""), to: "promptd.toml")
    let faults = #expect(throws: ConfigurationFaults.self) { try loader.load(file: file) }
    #expect(faults?.faults.text.contains("LoadCredential=keys:/etc/promptd/keys.d") == true)
    #expect(faults?.faults.text.contains("api_key_file") == true)
  }

  @Test func anEmptyCredentialIsAFault() throws {
    try fixture.write("\n", to: "credentials/keys_main")
    #expect(try faults("api_key_credential = \"main\"").text.contains("is empty"))
  }

  @Test(arguments: ["../key", "a/b", ".hidden", "", "ä"])
  func aCredentialsNameNeverLeavesItsFolder(name: String) throws {
    let faults = try faults("api_key_credential = \"\(name)\"")
    #expect(faults.text.contains("must be a credential's name"))
  }

  @Test func aKeyInPlaceOfACredentialsNameIsNotRepeated() throws {
    #expect(try faults("api_key_credential = \"\(Self.secret)\"").count == 1)
  }

  @Test func aServerThatWantsNoKeyGetsNone() throws {
    let upstream = try #require(fixture.load(text("auth = \"none\"")).upstreams.first)
    #expect(upstream.keySource == .none)
    #expect(upstream.key == nil)
    #expect(try faults("auth = \"basic\"").keyPaths == ["upstream[0].auth"])
  }

  @Test func anUpstreamMustSayWhereItsKeyIs() throws {
    let faults = try faults("")
    #expect(faults.keyPaths == ["upstream[0]"])
    #expect(faults.text.contains("needs api_key_file"))
  }

  @Test func twoSourcesOfAKeyContradictEachOther() throws {
    let path = try fixture.write(Self.secret, to: "key")
    let faults = try faults("auth = \"none\"\napi_key_file = \"\(path)\"")
    #expect(faults.keyPaths == ["upstream[0].api_key_file"])
    #expect(faults.text == "contradicts auth beside it; keep one of them")
  }

  @Test func aCheckFromOutsideReadsNoKeys() throws {
    let file = try fixture.write(text("api_key_credential = \"jiekou\""), to: "promptd.toml")
    let configuration = try fixture.loader(secrets: .none).load(file: file)
    #expect(configuration.upstreams.first?.key == nil)
  }

  @Test func nothingThatDescribesAConfigurationHoldsAKey() throws {
    let path = try fixture.write(Self.secret, to: "key")
    let configuration = try fixture.load(text("api_key_file = \"\(path)\""))
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains(Self.secret))
    #expect(!String(reflecting: configuration).contains(Self.secret))
  }
}
