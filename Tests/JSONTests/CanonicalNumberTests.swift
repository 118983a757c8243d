import Glibc
import JSON
import TestSupport
import Testing

struct CanonicalNumberTests {
  /// RFC 8785, appendix B.
  static let published: [(bits: UInt64, text: String)] = [
    (0x0000_0000_0000_0000, "0"),
    (0x8000_0000_0000_0000, "0"),
    (0x0000_0000_0000_0001, "5e-324"),
    (0x8000_0000_0000_0001, "-5e-324"),
    (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
    (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"),
    (0xC340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
    (0x44B5_2D02_C7E1_4AF6, "1e+23"),
    (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
    (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
    (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"),
    (0x444B_1AE4_D6E2_EF50, "1e+21"),
    (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
    (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
    (0x41B3_DE43_5555_5553, "333333333.3333332"),
    (0x41B3_DE43_5555_5554, "333333333.33333325"),
    (0x41B3_DE43_5555_5555, "333333333.3333333"),
    (0x41B3_DE43_5555_5556, "333333333.3333334"),
    (0x41B3_DE43_5555_5557, "333333333.33333343"),
    (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
    (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
  ]

  private func text(_ number: Double) -> String {
    var writer = JSONWriter()
    writer.double(number)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Numbers that are written as they are printed are taken as they are: the short way and the long
  /// one must agree.
  @Test func theShortWayAgreesWithTheLongOne() throws {
    var generator = SplitMix(seed: 11)
    for _ in 0..<20_000 {
      let whole = Int.random(in: 0...99_999, using: &generator)
      let zeros = String(repeating: "0", count: .random(in: 0...7, using: &generator))
      let fraction = zeros + String(Int.random(in: 0...9_999_999, using: &generator))
      let sign = Bool.random(using: &generator) ? "-" : ""
      let text = "\(sign)\(Bool.random(using: &generator) ? 0 : whole).\(fraction)"
      let printed = self.text(try #require(Double(text)))
      let taken = try withJSON(text) { root in
        var output: [UInt8] = []
        CanonicalJSON.append(root, to: &output)
        return String(decoding: output, as: UTF8.self)
      }
      #expect(taken == printed, "\(text)")
    }
  }

  @Test(arguments: published)
  func doublesArePrintedAsThePublishedTableSays(bits: UInt64, expected: String) {
    #expect(text(Double(bitPattern: bits)) == expected)
  }

  @Test(arguments: [
    ("1E30", "1e+30"), ("4.50", "4.5"), ("2e-3", "0.002"), ("1e-7", "1e-7"), ("1e-6", "0.000001"),
    ("0.000000000000000000000000001", "1e-27"), ("333333333.33333329", "333333333.3333333"),
    ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("-0.0", "0"), ("0e5", "0"),
    ("-0", "0"), ("1.0", "1"), ("100.0", "100"), ("1.5e3", "1500"), ("-1.25E-2", "-0.0125"),
    ("123e-1", "12.3"), ("1e-400", "0"), ("9007199254740993.0", "9007199254740992"),
  ])
  func aNumberHasOneFormHoweverItIsWritten(written: String, expected: String) throws {
    #expect(try canonical(written) == expected)
  }

  @Test(arguments: [
    "0", "-1", "9007199254740993", "-9223372036854775808", "18446744073709551615",
    "9223372036854775807",
  ])
  func integersKeepAllTheirDigits(written: String) throws {
    #expect(try canonical(written) == written)
  }

  @Test func aNumberThatJSONCannotHoldIsWrittenAsNull() {
    #expect(text(.nan) == "null")
    #expect(text(-.infinity) == "null")
  }

  /// The C library prints the nearest decimal of a given length; the first length that reads
  /// back is the shortest there is.
  @Test func randomDoublesGetTheShortestDigitsThatReadBack() {
    var random = SplitMix(seed: 8785)
    for _ in 0..<20_000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      let own = text(number)
      #expect(Double(own) == number, "\(number.bitPattern)")
      #expect(significant(own) == significant(shortest(number)), "\(number.bitPattern)")
    }
  }

  private func shortest(_ number: Double) -> String {
    for precision in Int32(0)...16 {
      let text = withVaList([precision, number]) { list in
        var buffer = [CChar](repeating: 0, count: 64)
        let count = vsnprintf(&buffer, buffer.count, "%.*e", list)
        return String(
          decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      }
      if Double(text) == number { return text }
    }
    return ""
  }

  /// The digits of a number's text, without sign, point, exponent and outer zeros.
  private func significant(_ text: String) -> String {
    let digits = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
    return String(digits.reversed().drop { $0 == "0" }.reversed())
  }
}
