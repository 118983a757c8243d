import PromptProtocol
import Testing

@testable import PromptCore

struct JobWindowsTests {
  private let low = JobWindows.Line(priority: .low, owner: "a")
  private let high = JobWindows.Line(priority: .high, owner: "a")
  private let others = JobWindows.Line(priority: .low, owner: "b")

  private func windows(_ lines: JobWindows.Line...) -> JobWindows {
    var windows = JobWindows(size: 2, byteLimit: 100)
    for line in lines { windows.submitted(line) }
    return windows
  }

  private func reading(_ line: JobWindows.Line, after: Int64, _ count: Int) -> JobWindows.Reading {
    JobWindows.Reading(line: line, after: after, count: count)
  }

  @Test func linesAreReadTheBestClassFirst() {
    let windows = windows(others, low, high)
    #expect(windows.readings.map(\.line) == [high, low, others])
  }

  @Test func whatIsAtWorkTakesPlacesOfItsOwnLineUntilItEnds() {
    var windows = windows(low, others)
    for number in [3, 5] as [Int64] {
      windows.read(low, upTo: number)
      windows.began(low, bytes: 1)
    }
    #expect(windows.readings == [reading(others, after: 0, 2)])
    windows.ended(low, bytes: 1)
    #expect(windows.readings.first == reading(low, after: 5, 1))
  }

  @Test func largeBodiesTakeTheRoomOfMany() {
    var windows = windows(low, high)
    windows.began(low, bytes: 100)
    #expect(!windows.hasRoom)
    #expect(windows.readings.isEmpty)
    windows.ended(low, bytes: 100)
    #expect(windows.readings.count == 2)
  }

  @Test func aLineThatIsOverIsForgottenAndBeginsAnew() {
    var windows = windows(low)
    windows.read(low, upTo: 9)
    windows.began(low, bytes: 1)
    windows.exhausted(low)
    #expect(windows.readings.isEmpty)
    windows.ended(low, bytes: 1)
    #expect(windows == JobWindows(size: 2, byteLimit: 100))
    windows.submitted(low)
    #expect(windows.readings == [reading(low, after: 0, 2)])
  }
}
