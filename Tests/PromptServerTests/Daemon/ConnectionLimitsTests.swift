import PromptConfiguration
import PromptCore
import Testing

@testable import PromptServer

@Suite struct ConnectionLimitsTests {
  private func limits(_ descriptors: UInt64, calls: Int = 10) -> ConnectionLimits {
    var configuration = Configuration(places: .system(environment: [:]))
    var upstream = UpstreamSettings.sandbox(socket: "/s")
    upstream.policy.maxConcurrent = calls
    configuration.upstreams = [upstream]
    return ConnectionLimits(configuration, descriptors: descriptors)
  }

  @Test func asManyAsConfiguredWhereDescriptorsSuffice() {
    #expect(limits(32_768) == ConnectionLimits(most: 10_000, mostForUser: 1024))
    #expect(limits(.max).shortage == nil)
  }

  @Test func callsKeepTheDescriptorsThatTheyNeed() {
    let few = limits(1024)
    #expect(few.most == 1024 - 80 - 20)
    #expect(few.mostForUser == 1024)
    #expect(few.shortage?.contains("1024 descriptors suffice for 924") == true)
  }

  @Test func clientsKeepHalfHoweverManyCallsThereMayBe() {
    #expect(limits(256, calls: 1000).most == 128)
    #expect(limits(0).most == 0)
  }

  @Test func whoFindsNoPlaceIsToldWhatIsMissing() {
    var limits = ConnectionLimits(most: 0, mostForUser: 1)
    limits.shortage = "few"
    #expect(ConnectionGate(limits).enter(.user(1))?.contains("descriptors") == true)
  }
}
