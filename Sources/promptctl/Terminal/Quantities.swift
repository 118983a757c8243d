/// Figures as people read them.
enum Quantities {
  /// Bytes in binary units, with one decimal below ten: `1.5 GiB`.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(count)
    var unit = 0
    while value.magnitude >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(short(value)) \(units[unit])"
  }

  /// A span of milliseconds in its two largest units at most: `850 ms`, `2.4 s`, `3 min 5 s`.
  static func milliseconds(_ count: Int) -> String {
    if count < 1000 { return "\(count) ms" }
    if count < 60_000 { return "\(short(Double(count) / 1000)) s" }
    return seconds(count / 1000)
  }

  /// A span of seconds in its two largest units at most: `2 d 4 h`.
  static func seconds(_ count: Int) -> String {
    let units = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s")]
    guard let first = units.firstIndex(where: { count >= $0.0 }) else { return "0 s" }
    let whole = "\(count / units[first].0) \(units[first].1)"
    guard first + 1 < units.count else { return whole }
    let rest = count % units[first].0 / units[first + 1].0
    return rest == 0 ? whole : "\(whole) \(rest) \(units[first + 1].1)"
  }

  /// How much of the whole, in percent; nil of nothing.
  static func share(_ part: Int, of whole: Int) -> String? {
    whole > 0 ? "\((Double(part) * 100 / Double(whole)).rounded().integer) %" : nil
  }

  /// Money with two decimals, in whatever currency.
  static func money(_ amount: Double) -> String {
    let cents = (amount * 100).rounded().integer
    let rest = cents % 100
    return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Money with as many decimals as its first two digits need, at most six: `0.0012`.
  static func smallMoney(_ amount: Double) -> String {
    guard amount > 0, amount < 0.095 else { return money(amount) }
    var (scale, decimals) = (1000.0, 3)
    while amount * scale < 9.5, decimals < 6 {
      scale *= 10
      decimals += 1
    }
    let digits = String(max(1, (amount * scale).rounded().integer))
    return "0." + String(repeating: "0", count: max(0, decimals - digits.count)) + digits
  }

  private static func short(_ value: Double) -> String {
    if value >= 9.95 { return "\(value.rounded().integer)" }
    let tenths = (value * 10).rounded().integer
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

extension Double {
  /// The whole number that this is; 0 for what no integer holds.
  fileprivate var integer: Int { Int(exactly: self) ?? 0 }
}
