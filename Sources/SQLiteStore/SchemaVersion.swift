import SQLite

/// Which steps of a schema a file has taken, in SQLite's own place for it (`PRAGMA user_version`).
enum SchemaVersion {
  private static func version(_ db: Connection) throws -> Int {
    // A damaged file may say anything.
    max(0, Int(try db.integer("PRAGMA user_version") ?? 0))
  }

  /// A file from the future stays as it is: before anything is written.
  static func refuseNewer(_ db: Connection, file: String, known: Int) throws {
    let version = try version(db)
    guard version <= known else {
      throw StoreFault.newerSchema(file: file, version: version, known: known)
    }
  }

  /// Takes the steps that are missing, all or none.
  static func bringUpToDate(_ db: Connection, _ migrations: [String]) throws {
    let version = try version(db)
    guard version < migrations.count else { return }
    try db.transaction {
      for step in migrations.dropFirst(version) { try db.execute(step) }
      try db.run("PRAGMA user_version = \(migrations.count)")
    }
  }
}
