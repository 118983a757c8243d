import Testing

@testable import promptctl

struct MistypedCommandTests {
  private func find(_ line: String) -> MistypedCommand? {
    MistypedCommand.find(in: line.split(separator: " ").map(String.init))
  }

  @Test func theNearestCommandIsNamed() {
    #expect(find("statsu")?.message.contains("did you mean status?") == true)
    #expect(find("queue lis")?.message.contains("did you mean list?") == true)
    #expect(find("xyzzyxyzzy")?.message == "there is no command xyzzyxyzzy: see --help")
  }

  @Test(arguments: [
    "", "status", "queue list", "queue", "ask statsu", "--help", "help status", "cache show abc",
    "---completion ask", "config check file.toml",
  ])
  func whatIsKnownIsLeftAlone(line: String) { #expect(find(line) == nil) }
}
