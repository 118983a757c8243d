import Glibc
import PromptConfiguration
import PromptCore
import Testing

struct ConfigurationLoaderTests {
  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  @Test func withoutAnyFileTheDefaultsHoldInTheUsersOwnPlaces() throws {
    let configuration = try fixture.loader().load()
    #expect(configuration == Configuration(places: fixture.loader().places).by(users: [0, 998]))
    #expect(configuration.upstreams.isEmpty)
    #expect(configuration.sources.isEmpty)
    #expect(configuration.cache.file == "\(fixture.folder)/.cache/promptd/cache.sqlite")
    #expect(configuration.listen.mode == 0o600)
  }

  @Test func aFileThatIsNamedMustExist() throws {
    let path = "\(fixture.folder)/absent.toml"
    let faults = #expect(throws: ConfigurationFaults.self) {
      try fixture.loader().load(file: path)
    }
    #expect(faults?.faults.map(\.file) == [path])
    #expect(faults?.description.contains("No such file") == true)
  }

  @Test func theDefaultFileMustExistWhereThatIsAskedFor() throws {
    #expect(throws: ConfigurationFaults.self) {
      try fixture.loader().load(requirePresent: true)
    }
  }

  @Test func aFolderInPlaceOfTheFileIsAFault() throws {
    let faults = #expect(throws: ConfigurationFaults.self) {
      try fixture.loader().load(file: fixture.folder)
    }
    #expect(faults?.faults.text.contains("is not a regular file") == true)
  }

  @Test func everyFaultOfAFileIsReportedAtOnce() throws {
    let faults = try fixture.faults(
      """
      surprise = 1
      [listen]
      max_connections = "many"
      write_timeout = "soon"
      [cache]
      memory = 64
      [[upstream]]
      name = "one"
      base_url = "https://one.example/v1"
      auth = "none"
      [[upstream]]
      name = "two"
      base_url = "https://two.example/v1"
      auth = "none"
      max_concurrent = 0
      [prices.some]
      input = -1
      """)
    #expect(
      Set(faults.keyPaths) == [
        "surprise", "listen.max_connections", "listen.write_timeout", "cache.memory",
        "upstream[1].max_concurrent", "prices.some.input", "prices.some.output",
      ])
    #expect(faults.count == 7)
    #expect(faults.allSatisfy { $0.file == "\(fixture.folder)/promptd.toml" })
  }

  @Test func aFaultReadsAsFileKeyPathAndReason() throws {
    let faults = try fixture.faultsOfUpstream("max_concurrent = 0")
    #expect(
      faults.map(\.description) == [
        "\(fixture.folder)/promptd.toml: upstream[0].max_concurrent: must be at least 1, not 0"
      ])
  }

  @Test(arguments: [
    ("[log]\nlvel = \"info\"", "log.lvel", "level"),
    ("[[upstreams]]\nname = \"x\"", "upstreams", "upstream"),
    ("[cache]\nmax-entry = \"1MiB\"", "cache.max-entry", "max_entry"),
    ("[upstream_]\n", "upstream_", "upstream"),
  ])
  func anUnknownKeyIsRefusedWithTheNearestName(
    text: String, keyPath: String, meant: String
  ) throws {
    let faults = try fixture.faults(text)
    #expect(faults.keyPaths == [keyPath])
    #expect(faults.text == "is not a key that promptd knows; did you mean \(meant)?")
  }

  @Test func anUnknownKeyThatIsLikeNoOtherGetsNoSuggestion() throws {
    #expect(
      try fixture.faults("[log]\ncolour = true").text == "is not a key that promptd knows")
  }

  @Test func aSyntaxErrorHasLineAndColumn() throws {
    let faults = try fixture.faults("[log]\nlevel = \"info\"\nformat = = 1\n")
    let fault = try #require(faults.first)
    #expect(faults.count == 1)
    #expect(fault.line == 3)
    #expect(fault.column == 10)
    #expect(fault.description.hasPrefix("\(fixture.folder)/promptd.toml:3:10: "))
  }

  @Test func whatIsNotTextIsAFault() throws {
    let path = try fixture.write("", to: "promptd.toml")
    let file = try #require(fopen(path, "w"))
    fputs("[log]\nlevel = \"", file)
    fputc(0xff, file)
    fputs("\"\n", file)
    fclose(file)
    let faults = #expect(throws: ConfigurationFaults.self) {
      try fixture.loader().load(file: path)
    }
    #expect(faults?.faults.text == "is not UTF-8 text")
  }

  @Test func aFileOfMoreThanAMegabyteIsAFault() throws {
    let text = String(repeating: "# filler\n", count: 120_000)
    #expect(try fixture.faults(text).text == "is larger than 1MiB")
  }

  @Test func dropInsReplaceKeysAndAddTablesInTheOrderOfTheirNames() throws {
    let main = try fixture.write(
      "[log]\nlevel = \"error\"\nformat = \"text\"\n" + ConfigurationFixture.upstream,
      to: "config/promptd/promptd.toml")
    let second = try fixture.write(
      "[log]\nlevel = \"debug\"\n", to: "config/promptd/conf.d/20-second.toml")
    let first = try fixture.write(
      """
      [log]
      level = "warning"
      [[upstream]]
      name = "more"
      base_url = "unix:/run/more.sock:/v1"
      auth = "none"
      """, to: "config/promptd/conf.d/10-first.toml")
    try fixture.write("broken =", to: "config/promptd/conf.d/README")
    try fixture.write("broken =", to: "config/promptd/conf.d/.hidden.toml")
    let configuration = try fixture.loader().load()
    #expect(configuration.log.level == .debug)
    #expect(configuration.log.format == .text)
    #expect(configuration.upstreams.map(\.name) == ["local", "more"])
    #expect(configuration.sources == [main, first, second])
  }

  @Test func dropInsBelongToTheDefaultFileAlone() throws {
    try fixture.write("broken =", to: "config/promptd/conf.d/10.toml")
    let file = try fixture.write("", to: "other.toml")
    #expect(try fixture.loader().load(file: file).sources == [file])
  }

  @Test func aFaultInADropInNamesTheDropInAndCountsItsOwnTables() throws {
    try fixture.write(ConfigurationFixture.upstream, to: "config/promptd/promptd.toml")
    let dropIn = try fixture.write(
      ConfigurationFixture.upstream, to: "config/promptd/conf.d/10.toml")
    let faults = #expect(throws: ConfigurationFaults.self) { try fixture.loader().load() }
    #expect(faults?.faults.map(\.file) == [dropIn])
    #expect(faults?.faults.keyPaths == ["upstream[0].name"])
    #expect(faults?.faults.text.contains("names must differ") == true)
  }

  @Test func faultsOfSeveralFilesAreReportedTogether() throws {
    try fixture.write("[log]\nlevel = 1\n", to: "config/promptd/promptd.toml")
    try fixture.write("[", to: "config/promptd/conf.d/10.toml")
    try fixture.write("[api]\nstrict = 1\n", to: "config/promptd/conf.d/20.toml")
    let faults = #expect(throws: ConfigurationFaults.self) { try fixture.loader().load() }
    #expect(Set(faults?.faults.keyPaths ?? []) == ["", "log.level", "api.strict"])
  }

  @Test func theDaemonsOwnUserAndTheAdminGroupsAdminister() throws {
    let configuration = try fixture.load("")
    #expect(configuration.clients.adminUsers == [0, 998])
    #expect(configuration.clients.adminGroups == [3000])
    let other = try fixture.load("[service]\nadmin_groups = [\"dev\"]\n")
    #expect(other.clients.adminGroups == [2000])
  }

  @Test func anAdminGroupThatIsWrittenMustExist() throws {
    let faults = try fixture.faults("[service]\nadmin_groups = [\"dev\", \"nobodies\"]\n")
    #expect(faults.keyPaths == ["service.admin_groups[1]"])
  }
}

extension Configuration {
  /// This, administered by `users` and the group 3000.
  fileprivate func by(users: Set<UInt32>) -> Self {
    var copy = self
    copy.clients.adminUsers = users
    copy.clients.adminGroups = [3000]
    return copy
  }
}
