/// Numbers as ECMAScript prints them (RFC 8785, section 3.2.2.3), integers apart: they keep all
/// their digits.
enum CanonicalNumber {
  /// Appends a number's canonical form.
  static func append(_ value: JSONValue, to output: inout [UInt8]) {
    if value.kind == .integer {
      // The one integer that is written in two ways.
      let isMinusZero = value.raw.elementsEqual("-0".utf8)
      output.append(
        contentsOf: isMinusZero
          ? UnsafeRawBufferPointer(rebasing: value.raw.dropFirst()) : value.raw)
    } else if isCanonical(value.raw) {
      output.append(contentsOf: value.raw)
    } else {
      append(value.double ?? 0, to: &output)
    }
  }

  /// Whether a number with a point or an exponent is written as ECMAScript would print it. Says no
  /// where that takes more than a look.
  ///
  /// Up to 15 significant digits no two decimals are the same double, so that the digits are the
  /// shortest; what is left are zeros at the end and the exponent, which begins below 1e-6.
  private static func isCanonical(_ raw: UnsafeRawBufferPointer) -> Bool {
    guard raw.count <= 16, raw.last != UInt8(ascii: "0") else { return false }
    var zeros = 0
    var digits = 0
    for byte in raw {
      switch byte {
      case UInt8(ascii: "0"): if digits == 0 { zeros += 1 } else { digits += 1 }
      case UInt8(ascii: "1")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "."), UInt8(ascii: "-"): continue
      default: return false  // an exponent
      }
    }
    // The zero before the point is one of them.
    return (1...15).contains(digits) && zeros <= 6
  }

  /// Appends a finite double: the shortest digits that read back as the same double, in
  /// ECMAScript's notation (ECMA-262, Number::toString).
  static func append(_ number: Double, to output: inout [UInt8]) {
    if number == 0 {
      output.append(UInt8(ascii: "0"))
      return
    }
    if number < 0 { output.append(UInt8(ascii: "-")) }
    let (digits, point) = shortest(number.magnitude)
    switch point {
    case digits.count...21:
      output.append(contentsOf: digits)
      output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
    case 1..<max(digits.count, 1):
      output.append(contentsOf: digits[..<point])
      output.append(UInt8(ascii: "."))
      output.append(contentsOf: digits[point...])
    case -5...0:
      output.append(contentsOf: "0.".utf8)
      output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
      output.append(contentsOf: digits)
    default:
      appendExponential(digits, point - 1, to: &output)
    }
  }

  private static func appendExponential(
    _ digits: [UInt8], _ exponent: Int, to output: inout [UInt8]
  ) {
    output.append(contentsOf: digits[..<1])
    if digits.count > 1 {
      output.append(UInt8(ascii: "."))
      output.append(contentsOf: digits[1...])
    }
    output.append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
    output.append(contentsOf: String(exponent.magnitude).utf8)
  }

  /// The significant digits of a positive double and where the decimal point stands: 0.d1d2... ×
  /// 10^point. Swift prints the shortest digits too, so they are taken from its description.
  private static func shortest(_ number: Double) -> (digits: [UInt8], point: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(number.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      }
      if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
    }
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    let scale = (point ?? digits.count) - leading + exponent
    digits.removeFirst(leading)
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, scale)
  }
}
