import Testing

@testable import CurlTransport

/// What calls to one upstream share.
@Suite struct CallSetupTests {
  @Test(arguments: ["http://localhost/v1", "http://localhost/v1/", "http://localhost/v1//"])
  func oneSlashStandsBetweenAddressAndPath(_ url: String) {
    let setup = CallSetup(CallRequest.make(UpstreamAddress(url: url)))
    #expect(setup.url == "http://localhost/v1/chat/completions")
  }

  @Test func onlyHTTPSIsSecure() {
    #expect(CallSetup(CallRequest.make(UpstreamAddress(url: "HTTPS://a"))).isSecure)
    #expect(!CallSetup(CallRequest.make(UpstreamAddress(url: "http://https:"))).isSecure)
  }

  @Test func millisecondsAreRoundedUp() {
    #expect(Duration.zero.wholeMilliseconds == 0)
    #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
    #expect(Duration.milliseconds(1500).wholeMilliseconds == 1500)
    #expect(Duration.seconds(Int64.max).wholeMilliseconds == Int.max)
  }
}
