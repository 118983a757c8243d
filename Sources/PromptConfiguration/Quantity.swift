/// A whole number with a unit behind it, as sizes and durations are written.
enum Quantity {
  /// The number and the unit of `text`; nil if there are no digits in front or too many of them.
  static func split(_ text: String) -> (number: Int, unit: String)? {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(String(Substring(digits))) else { return nil }
    let unit = text[digits.endIndex...].drop { $0 == " " }
    return (number, String(unit))
  }
}
