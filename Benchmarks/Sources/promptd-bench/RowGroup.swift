import ArgumentParser
import Figures

/// Rows that are measured together, since they need the same programs.
protocol RowGroup {
  /// What `--only` calls it.
  static var name: String { get }

  /// Measures, and hands each row over as soon as there is one.
  func measure(_ bench: Bench, _ show: (Row) -> Void) throws
}

extension [any RowGroup] {
  /// Those that a list of names with commas between them has.
  func chosen(by list: String) throws -> [any RowGroup] {
    let names = list.split(separator: ",").map(String.init)
    let known = map { type(of: $0).name }
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "there is no group \(unknown); there are \(known.joined(separator: ", "))")
    }
    return filter { names.contains(type(of: $0).name) }
  }
}
