import Glibc
import LoadGenerator
import Peers
import Testing

struct WorkspaceTests {
  private let shell = "/bin/sh"

  @Test func aPeerThatFailsSaysWhy() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let process = try workspace.start(shell, ["-c", "echo no port is free >&2; exit 3"])
    #expect(
      throws: PeerError.ended(
        program: "sh", status: .exited(3), lastWords: "no port is free")
    ) { try workspace.awaitConnection(to: .unix(workspace["none.sock"]), of: process) }
  }

  @Test func aPeerThatIsNeverReadyIsNotWaitedForWithoutEnd() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let process = try workspace.start("/bin/sleep", ["1000"])
    #expect(throws: PeerError.late(program: "sleep", seconds: 1)) {
      try workspace.awaitConnection(
        to: .unix(workspace["none.sock"]), of: process, seconds: 1)
    }
  }

  @Test func aDaemonThatEndsBeforeItIsReadyIsAnError() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    #expect(throws: PeerError.ended(program: "false", status: .exited(1), lastWords: "")) {
      try Promptd("/bin/false", PromptdSettings(), in: workspace)
    }
  }

  @Test func aProgramThatNobodyHasIsNotInstalled() {
    #expect(throws: PeerError.notInstalled("no-such-program-here")) {
      try Programs.find("no-such-program-here")
    }
  }

  @Test func whatAProgramPrintsIsReturnedAndItsFailureIsThrown() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    #expect(try workspace.run(shell, ["-c", "echo $WORD"], environment: ["WORD": "hi"]) == "hi\n")
    #expect(throws: PeerError.ended(program: "sh", status: .exited(7), lastWords: "")) {
      try workspace.run(shell, ["-c", "exit 7"])
    }
    #expect(throws: PeerError.late(program: "sleep", seconds: 1)) {
      try workspace.run("/bin/sleep", ["1000"], seconds: 1)
    }
  }

  @Test func aProgramThatIgnoresSIGTERMIsKilled() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let process = try workspace.start(
      shell, ["-c", "trap '' TERM; echo ready; exec sleep 1000"])
    while try Files.read(process.output).isEmpty { _ = process.wait(milliseconds: 5) }
    process.end(grace: 1)
    #expect(process.exitStatus == .killed(signal: SIGKILL))
  }

  @Test func closingEndsEveryProgramAndRemovesTheFolder() throws {
    let workspace = try Workspace()
    let processes = try (0..<3).map { _ in try workspace.start("/bin/sleep", ["1000"]) }
    workspace.close()
    #expect(processes.allSatisfy { $0.exitStatus == .killed(signal: SIGTERM) })
    #expect(!Files.exists(workspace.path))
    #expect(throws: PeerError.self) { try workspace.start("/bin/sleep", ["1000"]) }
  }

  @Test func aProgramOnATerminalSeesOne() throws {
    let workspace = try Workspace()
    defer { workspace.close() }
    let terminal = try Terminal(
      shell, ["-c", "test -t 0 && test -t 1 && exit 5"], in: workspace)
    #expect(terminal.process.wait(milliseconds: 10_000) == .exited(5))
    terminal.end()
  }
}
