/// Finds what somebody meant to write.
package enum NearestName {
  /// The name that differs least from `written`, if few enough edits part them: at most two, and
  /// at most a third of the name.
  package static func of(_ written: String, among names: [String]) -> String? {
    let plain = written.lowercased().replacingDashes()
    // A name that is far too long is no slip, and comparing costs the product of the lengths.
    guard plain.utf8.count <= 64 else { return nil }
    let candidates = names.map { (name: $0, edits: edits(Array(plain.utf8), Array($0.utf8))) }
    guard let best = candidates.min(by: { $0.edits < $1.edits }),
      best.edits <= min(2, best.name.utf8.count / 3)
    else { return nil }
    return best.name
  }

  /// The insertions, deletions and replacements that make one of the other (Levenshtein).
  private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let above = row[column + 1]
        let replaced = diagonal + (byte == right[column] ? 0 : 1)
        row[column + 1] = min(replaced, above + 1, row[column] + 1)
        diagonal = above
      }
    }
    return row[right.count]
  }
}

extension String {
  /// Dashes as the underscores that keys are written with.
  fileprivate func replacingDashes() -> String { String(map { $0 == "-" ? "_" : $0 }) }
}
