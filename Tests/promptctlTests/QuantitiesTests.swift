import Testing

@testable import promptctl

struct QuantitiesTests {
  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (10 << 20, "10 MiB"),
    ((1 << 30) - 1, "1 GiB"), (Int.max, "8 EiB"),
  ])
  func bytesAreInBinaryUnits(count: Int, text: String) { #expect(Quantities.bytes(count) == text) }

  @Test(arguments: [
    (0, "0 ms"), (999, "999 ms"), (1000, "1 s"), (2450, "2.5 s"), (59_999, "60 s"),
    (185_000, "3 min 5 s"),
  ])
  func millisecondsGrowIntoLargerUnits(count: Int, text: String) {
    #expect(Quantities.milliseconds(count) == text)
  }

  @Test(arguments: [
    (0, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h 1 min"), (187_200, "2 d 4 h"),
  ])
  func secondsShowTheirTwoLargestUnits(count: Int, text: String) {
    #expect(Quantities.seconds(count) == text)
  }

  @Test func aShareOfNothingIsNotSaid() {
    #expect(Quantities.share(1, of: 0) == nil)
    #expect(Quantities.share(2, of: 3) == "67 %")
  }

  @Test func smallAmountsShowTheirFirstDigits() {
    for (amount, text) in [
      (0.0, "0.00"), (0.0012345, "0.0012"), (0.25, "0.25"), (0.000_000_4, "0.000001"),
      (0.000012, "0.000012"), (1.239, "1.24"), (0.999, "1.00"), (0.09999, "0.10"),
      (0.0109, "0.011"),
      (0.199, "0.20"), (0.0949, "0.095"), (0.00996, "0.010"),
    ] { #expect(Quantities.smallMoney(amount) == text) }
  }
}
