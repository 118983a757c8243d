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
    text += "# TYPE \(name) \(kind.rawValue)\n"
    if let unit { text += "# UNIT \(name) \(unit)\n" }
    text += "# HELP \(name) \(help)\n"
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
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
