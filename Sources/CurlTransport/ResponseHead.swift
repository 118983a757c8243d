/// The status of an answer and those of its headers that somebody decides by.
package struct ResponseHead: Sendable, Hashable {
  package var status: Int
  package var contentType: String?
  /// `Retry-After` as it came: seconds or a date (RFC 9110 section 10.2.3).
  package var retryAfter: String?
  /// `retry-after-ms` as it came: milliseconds, which some upstreams send beside `Retry-After`.
  package var retryAfterMS: String?
  /// `Date` as it came, to measure a `Retry-After` date by the upstream's own clock.
  package var date: String?

  package init(
    status: Int, contentType: String? = nil, retryAfter: String? = nil,
    retryAfterMS: String? = nil, date: String? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.retryAfterMS = retryAfterMS
    self.date = date
  }
}
