import CurlTransport
import Testing

/// When an upstream wants to be asked again, by its headers.
@Suite struct ResponseHeadTests {
  private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

  @Test(arguments: [
    (ResponseHead(status: 429, retryAfter: "7"), 7.0),
    (ResponseHead(status: 429, retryAfter: "0.5"), 0.5),
    (ResponseHead(status: 429, retryAfter: "7", retryAfterMS: "250"), 0.25),
    (ResponseHead(status: 429, retryAfter: "7", retryAfterMS: "soon"), 7.0),
    (ResponseHead(status: 503, retryAfter: "Sun, 06 Nov 1994 08:51:00 GMT", date: date), 83.0),
    // The time is over by the upstream's own clock, or by ours.
    (ResponseHead(status: 503, retryAfter: date, date: "Sun, 06 Nov 1994 09:00:00 GMT"), 0.0),
    (ResponseHead(status: 503, retryAfter: date), 0.0),
  ])
  func secondsAndDatesAreUnderstood(_ head: ResponseHead, _ seconds: Double) {
    #expect(head.secondsToRetry == seconds)
  }

  @Test(arguments: [nil, "", "later", "-3", "nan", "inf", "1e999", "1e19", "99999999999999999999"])
  func whatMeansNothingIsNothing(_ text: String?) {
    #expect(ResponseHead(status: 429, retryAfter: text).secondsToRetry == nil)
    #expect(ResponseHead(status: 429, retryAfterMS: text).secondsToRetry == nil)
  }
}
