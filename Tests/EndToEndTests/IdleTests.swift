import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

/// What a daemon does that nobody asks anything.
@Suite struct IdleTests {
  /// How often threads of a process have gone to sleep, all together (proc(5), voluntary_ctxt_switches).
  private func sleeps(_ process: pid_t) throws -> Int {
    let threads = "/proc/\(process)/task"
    return try FileManager.default.contentsOfDirectory(atPath: threads).reduce(0) { sum, thread in
      // Threads that have come to their end in between count for nothing.
      guard let status = FileManager.default.contents(atPath: "\(threads)/\(thread)/status")
      else { return sum }
      let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
      let line = try #require(lines.first { $0.hasPrefix("voluntary_ctxt_switches:") })
      return sum + (Int(line.drop { !$0.isNumber }) ?? 0)
    }
  }

  @Test(.enabled(if: getenv("TSAN_OPTIONS") == nil, "the thread sanitizer's own thread wakes up"))
  func itSleepsOnceItHasAnswered() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon.start(in: folder)
    let client = try daemon.client()
    #expect(try await client.ask(ChatLine.bare("hello"))["promptd"]?["cache"]?.string == "miss")
    // A thread that has nothing to do any more ends after some seconds. What happens every second, happens
    // in each of these spans.
    var quiet = false
    for _ in 0..<10 where !quiet {
      let before = try sleeps(daemon.program.pid)
      try await Task.sleep(for: .seconds(3))
      quiet = try sleeps(daemon.program.pid) == before
    }
    #expect(quiet)
    #expect(await daemon.stop().code == 0)
  }
}
