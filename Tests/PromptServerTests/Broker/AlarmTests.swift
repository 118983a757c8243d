import NIOPosix
import PromptCore
import Testing

@testable import PromptServer

@Suite struct AlarmTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()

  private func time(inSeconds seconds: Double) -> MonotonicTime {
    SystemClock.now.monotonic.advanced(seconds: seconds)
  }

  @Test func theEarliestTimeGoesOffAndTheLaterOnesDoNot() async {
    let alarm = Alarm(on: loop)
    let rung = await withCheckedContinuation { continuation in
      alarm.set(time(inSeconds: 3600)) { continuation.resume(returning: "late") }
      alarm.set(time(inSeconds: 0.01)) { continuation.resume(returning: "early") }
      alarm.set(time(inSeconds: 1800)) { continuation.resume(returning: "between") }
    }
    #expect(rung == "early")
  }

  @Test func afterItWentOffItCanBeSetAgain() async {
    let alarm = Alarm(on: loop)
    for _ in 0..<3 {
      await withCheckedContinuation { continuation in
        alarm.set(time(inSeconds: 0.001)) { continuation.resume() }
      }
    }
  }
}
