import FoundationEssentials

/// Everything that a command measured.
package struct Report: Codable, Equatable, Sendable {
  /// The command of `promptd-bench`.
  package var command: String
  /// Where it ran.
  package var machine: Machine
  /// Programs that took part, and their versions.
  package var versions: [String: String]
  /// The measurements, in their order.
  package var rows: [Row]
  /// What was not measured, and why.
  package var leftOut: [String]

  private enum CodingKeys: String, CodingKey {
    case command, machine, versions, rows
    case leftOut = "left_out"
  }

  /// A report of this machine without rows.
  package init(command: String) {
    self.command = command
    machine = Machine()
    versions = [:]
    rows = []
    leftOut = []
  }

  /// One JSON object; NaN, which JSON does not have, is a text.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Reads what `json` wrote.
  package init(json: String) throws {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(Report.self, from: Data(json.utf8))
  }

  /// Rows whose figure has become worse than in an earlier report by more than a part of it, each
  /// with that part.
  package func losses(since earlier: Report, over part: Double) -> [(row: Row, loss: Double)] {
    rows.compactMap { row in
      let before = earlier.rows.first { $0.name == row.name }
      guard let loss = before.flatMap(row.loss(since:)), loss > part else { return nil }
      return (row, loss)
    }
  }
}
