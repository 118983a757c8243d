import Glibc
import JSON
import Testing

@testable import PromptClient

struct RawRelayTests {
  private static func pipe() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw BlockingIO.Fault(code: errno) }
    return (ends[0], ends[1])
  }

  /// Sends `input` through the relay and returns what came out.
  private static func relay(_ input: String, to path: String) async throws -> String {
    let (stdin, stdout) = (try pipe(), try pipe())
    async let output = Self.onThread {
      defer { close(stdout.read) }
      let all = try BlockingIO.readAll(stdout.read, limit: 1 << 30)
      return String(decoding: all ?? [], as: UTF8.self)
    }
    async let written: Void = Self.onThread {
      defer { close(stdin.write) }
      try BlockingIO.write(input.utf8, to: stdin.write)
    }
    async let relayed: Void = Self.onThread {
      defer {
        close(stdout.write)
        close(stdin.read)
      }
      try RawRelay.run(path: path, input: stdin.read, output: stdout.write)
    }
    try await written
    try await relayed
    return try await output
  }

  /// Runs what blocks where it holds up nobody else.
  private static func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { done in
      BlockingThread.run { done.resume(with: .init(catching: body)) }
    }
  }

  @Test func linesGoOutAndAnswersComeBackUntouched() async throws {
    // Far more than pipes and sockets hold, so that both ways must go on at once.
    let lines = (0..<20_000).map { #"{"messages":[], "n":\#($0)}"# }
    try await FakeDaemon.serving({ line, peer in peer.say("answer \(line["n"]?.text ?? "")") }) {
      daemon in
      let answers = try await Self.relay(lines.joined(separator: "\n") + "\n", to: daemon.path)
      #expect(answers == (0..<20_000).map { "answer \($0)\n" }.joined())
    }
  }

  @Test func aDaemonThatClosesBeforeTheInputEndsIsAFault() async throws {
    try await FakeDaemon.serving({ _, peer in peer.hangUp() }) { daemon in
      let (stdin, stdout) = (try Self.pipe(), try Self.pipe())
      try BlockingIO.write(#"{"messages":[]}"#.utf8 + [0x0A], to: stdin.write)
      await #expect(throws: RawRelay.Failure.cutShort) {
        try await Self.onThread {
          try RawRelay.run(path: daemon.path, input: stdin.read, output: stdout.write)
        }
      }
      for descriptor in [stdin.write, stdout.read, stdout.write] { close(descriptor) }
    }
  }

  @Test func anOutputThatNobodyReadsEndsTheRelay() async throws {
    try await FakeDaemon.serving({ _, peer in peer.say("answer") }) { daemon in
      let (stdin, stdout) = (try Self.pipe(), try Self.pipe())
      close(stdout.read)
      try BlockingIO.write(#"{"messages":[]}"#.utf8 + [0x0A], to: stdin.write)
      await #expect(throws: RawRelay.Failure.output(.init(code: EPIPE))) {
        try await Self.onThread {
          try RawRelay.run(path: daemon.path, input: stdin.read, output: stdout.write)
        }
      }
      for descriptor in [stdin.write, stdout.write] { close(descriptor) }
    }
  }

  @Test func aFolderAsInputIsAFault() async throws {
    try await FakeDaemon.serving { daemon in
      let stdout = try Self.pipe()
      let folder = open("/tmp", O_RDONLY | O_CLOEXEC)
      await #expect(throws: RawRelay.Failure.input(.init(code: EISDIR))) {
        try await Self.onThread {
          try RawRelay.run(path: daemon.path, input: folder, output: stdout.write)
        }
      }
      for descriptor in [folder, stdout.read, stdout.write] { close(descriptor) }
    }
  }
}
