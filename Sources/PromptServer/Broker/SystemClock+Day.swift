import Glibc
import PromptCore

extension SystemClock {
  /// The local day that a moment is in, in milliseconds since 1970; where the C library knows no
  /// local time, the day in UTC.
  static func day(at wall: Int64) -> Day {
    // A hundred thousand years either way: no sum below overflows.
    let wall = min(max(wall, -farthest), farthest)
    var seconds = time_t(wall / 1000)
    var local = tm()
    guard localtime_r(&seconds, &local) != nil else { return utcDay(at: wall) }
    local.tm_hour = 0
    local.tm_min = 0
    local.tm_sec = 0
    local.tm_isdst = -1
    var next = local
    next.tm_mday += 1
    let name = name(year: Int(local.tm_year) + 1900, Int(local.tm_mon) + 1, Int(local.tm_mday))
    // mktime(3) knows which days have 23 hours and which have 25.
    let (starts, ends) = (mktime(&local), mktime(&next))
    guard starts != -1, ends > starts else { return utcDay(at: wall) }
    return Day(name: name, starts: Int64(starts) * 1000, ends: Int64(ends) * 1000)
  }

  /// In milliseconds.
  private static let farthest: Int64 = 1 << 52

  private static func utcDay(at wall: Int64) -> Day {
    let length: Int64 = 86_400_000
    let starts = wall - (wall % length + length) % length
    return Day(name: "utc-\(starts / length)", starts: starts, ends: starts + length)
  }

  private static func name(year: Int, _ month: Int, _ day: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }
}
