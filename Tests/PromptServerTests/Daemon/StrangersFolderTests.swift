import Glibc
import TestSupport
import Testing

@testable import PromptServer

@Suite struct StrangersFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ name: String, _ mode: mode_t, owner: uid_t? = nil) throws {
    try #require(mkdir(folder[name], 0o700) == 0 && chmod(folder[name], mode) == 0)
    if let owner { try #require(chown(folder[name], owner, owner) == 0) }
  }

  @Test func onesOwnFoldersAndMissingOnesAreNobodyElses() throws {
    try make("shared", 0o1777)
    try make("shared/own", 0o700)
    #expect(StrangersFolder(above: folder["shared/own/promptd.sock"]) == nil)
    #expect(StrangersFolder(above: folder["shared/missing/deep/promptd.sock"]) == nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give folders away"))
  func whatSomebodyElseMadeInASharedFolderIsFound() throws {
    try make("shared", 0o1777)
    try make("shared/other", 0o777, owner: 65534)
    try make("shared/other/deep", 0o700)
    let found = StrangersFolder(above: folder["shared/other/deep/promptd.sock"], user: 1000)
    #expect(found?.path == folder["shared/other"])
    #expect(found?.description.contains("listen.socket") == true)
    #expect(StrangersFolder(above: folder["shared/other/promptd.sock"], user: 65534) == nil)
    // A link there is whose it is, wherever it leads.
    try #require(symlink(folder["shared"], folder["shared/link"]) == 0)
    try #require(lchown(folder["shared/link"], 65534, 65534) == 0)
    #expect(StrangersFolder(above: folder["shared/link/promptd.sock"], user: 1000) != nil)
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give folders away"))
  func folderOfAnotherWhereNotEverybodyMayMakeSomeIsTheChoiceOfWhoeverConfiguredIt() throws {
    try make("closed", 0o755)
    try make("closed/other", 0o755, owner: 65534)
    #expect(StrangersFolder(above: folder["closed/other/promptd.sock"], user: 1000) == nil)
  }
}
