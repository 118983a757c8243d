import PromptConfiguration
import Testing

struct QuantityTests {
  @Test(arguments: [
    ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("60s", .seconds(60)),
    ("60 s", .seconds(60)), ("10min", .seconds(600)), ("2h", .seconds(7200)),
    ("30d", .seconds(2_592_000)),
  ])
  func aDurationIsAWholeNumberWithAUnit(text: String, duration: Duration) {
    #expect(DurationText.duration(text) == duration)
  }

  @Test(arguments: [
    "", "s", "60", "1.5s", "-1s", "+1s", "60S", "60sec", "1h30min", "1m", " 60s", "60s ", "٣s",
    "99999999999999999999s", "9223372036854775807d", "6\u{301}s",
  ])
  func anythingElseIsNoDuration(text: String) {
    #expect(DurationText.duration(text) == nil)
  }

  @Test(arguments: ["0s", "1ms", "1500ms", "60001ms", "1min", "90s", "25h", "30d"])
  func aDurationIsWrittenAsItWasRead(text: String) throws {
    #expect(DurationText.text(try #require(DurationText.duration(text))) == text)
  }

  @Test(arguments: [
    ("0B", 0), ("1B", 1), ("64KiB", 65_536), ("64MiB", 67_108_864), ("2 GiB", 2_147_483_648),
    ("1KB", 1000), ("5MB", 5_000_000), ("1GB", 1_000_000_000),
  ])
  func aSizeIsAWholeNumberWithAUnit(text: String, bytes: Int) {
    #expect(ByteSize.bytes(text) == bytes)
  }

  @Test(arguments: [
    "", "64", "MiB", "64M", "64mib", "0.5GiB", "-1B", "9223372036854775807KiB",
    "99999999999999999999B",
  ])
  func anythingElseIsNoSize(text: String) {
    #expect(ByteSize.bytes(text) == nil)
  }

  @Test(arguments: ["0B", "1B", "1025B", "64KiB", "64MiB", "2GiB", "1KB"])
  func aSizeIsWrittenAsItWasRead(text: String) throws {
    #expect(ByteSize.text(try #require(ByteSize.bytes(text))) == text)
  }
}
