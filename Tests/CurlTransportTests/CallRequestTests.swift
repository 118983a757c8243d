import Testing

@testable import CurlTransport

/// What a request makes of its parts.
@Suite struct CallRequestTests {
  @Test(arguments: ["http://localhost/v1", "http://localhost/v1/", "http://localhost/v1//"])
  func oneSlashStandsBetweenAddressAndPath(_ url: String) {
    let request = CallRequest.make(UpstreamAddress(url: url))
    #expect(request.url == "http://localhost/v1/chat/completions")
  }

  @Test func onlyHTTPSIsSecure() {
    #expect(CallRequest.make(UpstreamAddress(url: "HTTPS://a")).isSecure)
    #expect(!CallRequest.make(UpstreamAddress(url: "http://https:")).isSecure)
  }

  @Test func millisecondsAreRoundedUp() {
    #expect(Duration.zero.wholeMilliseconds == 0)
    #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
    #expect(Duration.milliseconds(1500).wholeMilliseconds == 1500)
    #expect(Duration.seconds(Int64.max).wholeMilliseconds == Int.max)
  }
}
