import CCurl
import Glibc

extension ResponseHead {
  /// Seconds after which the upstream wants to be asked again; nil where it says nothing that can
  /// be understood. `retry-after-ms` goes first, as it is finer; a date is measured by the
  /// upstream's own clock.
  package var secondsToRetry: Double? {
    if let milliseconds = retryAfterMS.flatMap(Double.init), Self.isTime(milliseconds) {
      return milliseconds / 1000
    }
    guard let retryAfter else { return nil }
    if let seconds = Double(retryAfter) { return Self.isTime(seconds) ? seconds : nil }
    guard let then = Self.time(retryAfter) else { return nil }
    return Double(max(0, then - (date.flatMap(Self.time) ?? Glibc.time(nil))))
  }

  /// Longer times, some thirty years, are mistakes.
  private static func isTime(_ number: Double) -> Bool { (0...1e9).contains(number) }

  /// Seconds since 1970 of an HTTP date (RFC 9110 section 5.6.7).
  private static func time(_ text: String) -> Int? {
    let time = curl_getdate(text, nil)
    return time < 0 ? nil : time
  }
}
