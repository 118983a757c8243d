import PromptProtocol
import Testing

@testable import PromptCore

struct JobWindowsTests {
  private func reading(_ priority: PriorityClass, after: Int64, _ count: Int) -> JobWindows.Reading
  {
    JobWindows.Reading(priority: priority, after: after, count: count)
  }

  @Test func everyClassIsReadOnceTheBestFirst() {
    var windows = JobWindows(size: 2)
    #expect(windows.readings.map(\.priority) == PriorityClass.allCases.reversed())
    for reading in windows.readings { windows.read(reading, numbers: []) }
    #expect(windows.readings.isEmpty)
  }

  @Test func whatIsAtWorkTakesPlacesUntilItEnds() {
    var windows = JobWindows(size: 2)
    for reading in windows.readings {
      windows.read(reading, numbers: reading.priority == .low ? [3, 5] : [])
    }
    #expect(windows.readings.isEmpty)
    windows.ended(.low)
    #expect(windows.readings == [reading(.low, after: 5, 1)])
    windows.read(reading(.low, after: 5, 1), numbers: [9])
    windows.ended(.low)
    windows.ended(.low)
    #expect(windows.readings == [reading(.low, after: 9, 2)])
  }

  @Test func aClassThatWasEmptyIsReadAgainOnceOneIsSubmitted() {
    var windows = JobWindows(size: 2)
    for reading in windows.readings { windows.read(reading, numbers: []) }
    windows.submitted(.high)
    #expect(windows.readings == [reading(.high, after: 0, 2)])
  }
}
