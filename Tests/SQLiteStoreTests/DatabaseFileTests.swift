import FoundationEssentials
import Glibc
import Testing

@testable import SQLiteStore

@Suite struct DatabaseFileTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  @Test func missingFoldersAreMadeForTheOwnerAlone() throws {
    try DatabaseFile(path: fixture.folder + "/a/b/cache.sqlite").prepare()
    #expect(fixture.mode(of: "a") == 0o700)
    #expect(fixture.mode(of: "a/b") == 0o700)
    #expect(fixture.mode(of: "a/b/cache.sqlite") == 0o600)
  }

  @Test func aFolderThatExistsKeepsItsMode() throws {
    chmod(fixture.folder, 0o750)
    try DatabaseFile(path: fixture.file).prepare()
    #expect(fixture.mode(of: "") == 0o750)
  }

  @Test func anOpenFileIsTakenFromTheOthers() throws {
    try Data().write(to: URL(filePath: fixture.file))
    chmod(fixture.file, 0o644)
    try DatabaseFile(path: fixture.file).prepare()
    #expect(fixture.mode(of: "cache.sqlite") == 0o600)
  }

  @Test func anotherFileAtThePathHasAnotherIdentity() throws {
    let file = DatabaseFile(path: fixture.file)
    #expect(file.identity() == nil)
    try file.prepare()
    let first = file.identity()
    #expect(first != nil)
    rename(fixture.file, fixture.file + ".old")
    try file.prepare()
    #expect(file.identity() != first)
  }

  @Test func movingAsideTakesTheCompanionsAlongAndLeavesOtherFiles() throws {
    let file = DatabaseFile(path: fixture.file)
    for round in 0..<2 {
      for suffix in ["", "-wal", "-shm"] {
        try Data([UInt8(round)]).write(to: URL(filePath: fixture.file + suffix))
      }
      try Data().write(to: URL(filePath: fixture.folder + "/other.corrupt-1"))
      let target = try file.moveAside(now: Int64(round) * 1000)
      let name = "cache.sqlite.corrupt-19700101T00000\(round)Z"
      #expect(target == "\(fixture.folder)/\(name)")
      #expect(try fixture.names == [name, name + "-shm", name + "-wal", "other.corrupt-1"])
      #expect(try Data(contentsOf: URL(filePath: target)) == Data([UInt8(round)]))
    }
  }
}
