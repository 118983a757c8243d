import FoundationEssentials
import PromptConfiguration
import PromptCore
import Testing

/// etc/promptd.toml is what administrators read instead of the source: it must load as it is, and
/// each default in its comments must be the default.
struct ShippedConfigurationTests {
  private static let root = String(#filePath.split(separator: "/Tests/")[0])
  private static let documentation = "\(root)/docs/configuration.md"

  let fixture: ConfigurationFixture
  let text: String

  init() throws {
    fixture = try ConfigurationFixture()
    try fixture.write("made-up-key\n", to: "credentials/keys_jiekou")
    text = try String(contentsOfFile: "\(Self.root)/etc/promptd.toml", encoding: .utf8)
  }

  private func load(_ text: String) throws -> Configuration {
    let file = try fixture.write(text, to: "promptd.toml")
    var configuration = try fixture.loader(places: .system()).load(file: file)
    // Written out these are the same for all but administrators.
    let policy = configuration.clients.otherwise.policy(userName: "", admin: false)
    configuration.clients.otherwise.priority = policy.priority
    configuration.clients.otherwise.maxPriority = policy.maxPriority
    return configuration
  }

  @Test func theShippedFileLoadsWithItsKeyInPlace() throws {
    let configuration = try load(text)
    #expect(configuration.upstreams.map(\.name) == ["jiekou"])
    let upstream = try #require(configuration.upstreams.first)
    #expect(upstream.baseURL == "https://api.jiekou.ai/openai/v1")
    #expect(upstream.keySource == .credential("jiekou"))
    #expect(upstream.key != nil)
    #expect(upstream.policy == UpstreamPolicy(name: "jiekou"))
    #expect(upstream.clocks == UpstreamClocks())
    #expect(upstream.maxResponse == 64 << 20)
  }

  @Test func theShippedFileChangesNothingButTheUpstream() throws {
    var configuration = try load(text)
    configuration.upstreams = []
    configuration.written = [:]
    #expect(configuration == (try load("")))
  }

  @Test func withoutItsKeyTheShippedFileSaysWhereToPutIt() throws {
    try FileManager.default.removeItem(atPath: "\(fixture.folder)/credentials/keys_jiekou")
    let faults = #expect(throws: ConfigurationFaults.self) { try load(text) }
    #expect(faults?.faults.keyPaths == ["upstream[0].api_key_credential"])
    #expect(faults?.description.contains("/etc/promptd/keys.d/jiekou") == true)
  }

  @Test func eachDefaultInItsCommentsIsTheDefault() throws {
    let shipped = try load(text)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let examples = try #require(lines.firstIndex(of: "#[[client]]"))
    let tail = try #require(lines.firstIndex(of: "[default_client]"))
    let end = try #require(lines.lastIndex { $0.hasPrefix("#[prices") })
    var count = 0
    for (index, line) in lines.enumerated()
    where Self.isKey(line) && !(examples..<tail).contains(index) && index < end {
      var changed = lines
      changed[index] = line.dropFirst()
      var loaded = try load(changed.joined(separator: "\n"))
      // What is written is more, and means the same.
      loaded.written = shipped.written
      #expect(loaded == shipped, "\(line)")
      count += 1
    }
    #expect(count == 51)
  }

  @Test func itsExamplesOfClientsAndPricesAreTaken() throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      Self.isKey(line) || line.hasPrefix("#[") ? line.dropFirst() : line
    }
    let configuration = try load(lines.joined(separator: "\n"))
    #expect(configuration.clients.rules.map(\.grant.name) == ["nightly", "alice"])
    #expect(configuration.prices.count == 1)
    let alice = try #require(configuration.clients.rules.last?.grant)
    #expect(
      alice.policy(userName: "", admin: false) == ClientPolicy(name: "alice"),
      "what the example writes out is what holds without it")
  }

  @Test func everyKeyInItIsDocumentedWithTheSameDefault() throws {
    let documentation = try String(contentsOfFile: Self.documentation, encoding: .utf8)
    var section = ""
    for line in text.split(separator: "\n") {
      if let heading = Self.heading(line) { section = heading }
      guard Self.isKey(line) || Self.isExample(line) else { continue }
      let key = Self.key(line)
      let rows =
        documentation.split(separator: "\n## ").first { $0.hasPrefix("`\(section)`") } ?? ""
      let row = rows.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") } ?? ""
      #expect(row != "", "\(section) \(key)")
      let isExampleTable = ["[[client]]", "[prices.MODEL]"].contains(section)
      if Self.isKey(line), !isExampleTable {
        let value = line.split(separator: " = ", maxSplits: 1).last ?? ""
        #expect(row.contains("| `\(value)` |"), "\(section) \(key)")
      }
    }
  }

  /// Whether the line is a key with its default, commented out.
  private static func isKey(_ line: Substring) -> Bool {
    line.hasPrefix("#") && line.dropFirst().first?.isLetter == true && line.contains(" = ")
  }

  /// Whether the line is a key without a default, commented out and set in.
  private static func isExample(_ line: Substring) -> Bool {
    line.hasPrefix("#   ") && line.contains(" = ")
  }

  private static func key(_ line: Substring) -> String {
    String(line.drop { $0 == "#" || $0 == " " }.prefix { $0 != " " })
  }

  private static func heading(_ line: Substring) -> String? {
    let line = line.hasPrefix("#[") ? line.dropFirst() : line
    guard line.hasPrefix("[") else { return nil }
    return line.hasPrefix("[prices.") ? "[prices.MODEL]" : String(line)
  }
}
