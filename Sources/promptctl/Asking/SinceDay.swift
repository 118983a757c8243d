import ArgumentParser
import Glibc
import PromptConfiguration

/// A day of the local calendar, as people name it.
enum SinceDay {
  /// `2026-11-25` as it is, or the day that was so long ago as `30d` says; `now` is in milliseconds
  /// since 1970.
  static func day(_ text: String, now: Int) throws -> String {
    if text.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil, isDay(text) { return text }
    guard let duration = DurationText.duration(text) else {
      throw ValidationError("\(text) is no day such as 2026-11-25, and no time such as 30d")
    }
    var seconds = time_t(now / 1000 - Int(duration.components.seconds))
    var parts = tm()
    localtime_r(&seconds, &parts)
    var name = [CChar](repeating: 0, count: 32)
    let length = strftime(&name, name.count, "%Y-%m-%d", &parts)
    return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether the calendar has the day: what mktime(3) makes of it is the same again.
  private static func isDay(_ text: String) -> Bool {
    let numbers = text.split(separator: "-").compactMap { Int32($0) }
    guard numbers.count == 3 else { return false }
    var day = tm()
    (day.tm_year, day.tm_mon, day.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    // Noon: no change of the clock comes near it.
    day.tm_hour = 12
    day.tm_isdst = -1
    guard mktime(&day) != -1 else { return false }
    return day.tm_mon == numbers[1] - 1 && day.tm_mday == numbers[2]
  }
}
