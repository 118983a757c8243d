import PromptCore

/// Text in the OpenMetrics format, version 1.0.0.
struct MetricsPage {
  /// What a family of samples is.
  enum Kind: String {
    case counter, gauge, info
  }

  private var text = ""

  /// Adds a family; `name` is without the ending of its kind, and each sample has its labels.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, unit: String? = nil,
    _ samples: [(labels: [(String, String)], value: Int)]
  ) {
    head(name, kind.rawValue, help, unit)
    let ending =
      switch kind {
      case .counter: "_total"
      case .gauge: ""
      case .info: "_info"
      }
    for sample in samples {
      text += "\(name)\(ending)\(Self.written(sample.labels)) \(sample.value)\n"
    }
  }

  private mutating func head(_ name: String, _ kind: String, _ help: String, _ unit: String?) {
    text += "# TYPE \(name) \(kind)\n"
    if let unit { text += "# UNIT \(name) \(unit)\n" }
    text += "# HELP \(name) \(help)\n"
  }

  /// Adds a counter or gauge that is no whole number.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, unit: String, seconds: Double) {
    head(name, kind.rawValue, help, unit)
    text += "\(name)\(kind == .counter ? "_total" : "") \(seconds)\n"
  }

  /// Adds a family of histograms of time; `name` ends in `_seconds`.
  mutating func add(
    _ name: String, _ help: String, _ samples: [(labels: [(String, String)], value: Histogram)]
  ) {
    head(name, "histogram", help, "seconds")
    for (labels, histogram) in samples {
      for (bound, count) in zip(Histogram.bounds, histogram.cumulative) {
        let all = labels + [("le", "\(Double(bound) / 1000)")]
        text += "\(name)_bucket\(Self.written(all)) \(count)\n"
      }
      text += "\(name)_bucket\(Self.written(labels + [("le", "+Inf")])) \(histogram.count)\n"
      text += "\(name)_count\(Self.written(labels)) \(histogram.count)\n"
      text += "\(name)_sum\(Self.written(labels)) \(Double(histogram.sum) / 1000)\n"
    }
  }

  /// Adds a family of one sample without labels.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, unit: String? = nil, _ value: Int
  ) { add(name, kind, help, unit: unit, [([], value)]) }

  /// The page with its end.
  var bytes: [UInt8] { Array((text + "# EOF\n").utf8) }

  private static func written(_ labels: [(String, String)]) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ value: String) -> String {
    // By scalars: a quote with an accent behind it is another Character, and so is CR LF.
    var text = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text.append(contentsOf: ["\\", "\\"])
      case "\"": text.append(contentsOf: ["\\", "\""])
      case "\n": text.append(contentsOf: ["\\", "n"])
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
