import CSQLite
import TestSupport
import Testing

@testable import SQLite

@Suite struct ConnectionTests {
  private let folder: TemporaryFolder
  private let connection: Connection

  init() throws {
    folder = try TemporaryFolder()
    connection = try Connection(path: folder["test.sqlite"], for: .writing)
    try connection.execute("CREATE TABLE thing (number INTEGER, name TEXT);")
  }

  private func names() throws(SQLiteError) -> [String] {
    try connection.all("SELECT name FROM thing ORDER BY number") { row throws(SQLiteError) in
      try row.text(0)
    }
  }

  @Test func everyStatementOfAScriptIsRun() throws {
    try connection.execute(
      """
      INSERT INTO thing VALUES (1, 'one'); -- a comment; of no meaning
      INSERT INTO thing VALUES (2, 'two')
      ; SELECT * FROM thing; -- whose rows nobody wants
      """)
    #expect(try names() == ["one", "two"])
  }

  @Test func theFirstFaultOfAScriptEndsIt() throws {
    #expect(throws: SQLiteError.self) {
      try connection.execute("INSERT INTO thing VALUES (1, 'one'); NONSENSE; DELETE FROM thing")
    }
    #expect(try names() == ["one"])
  }

  @Test func aStatementIsRunAgainWithOtherValues() throws {
    for number in 0..<3 {
      try connection.run("INSERT INTO thing VALUES (?, ?)", [number, "n\(number)"])
    }
    #expect(try names() == ["n0", "n1", "n2"])
    #expect(try connection.integer("SELECT count(*) FROM thing WHERE number > ?", [0]) == 2)
  }

  @Test func fewerOrMoreValuesThanAreWantedAreAFault() throws {
    try connection.run("INSERT INTO thing VALUES (?, ?)", [1, "one"])
    for values: [any SQLiteValue] in [[], [2], [2, "two", 2]] {
      #expect(throws: SQLiteError(code: SQLITE_RANGE)) {
        try connection.run("INSERT INTO thing VALUES (?, ?)", values)
      }
    }
    #expect(try names() == ["one"])
  }

  @Test(arguments: ["", "  ", "-- nothing", "SELECT 1; SELECT 2"])
  func textOfAnotherNumberOfStatementsThanOneIsAFault(sql: String) {
    #expect(throws: SQLiteError(code: SQLITE_MISUSE)) { try connection.run(sql) }
  }

  @Test func rowsAreGoneThroughUntilEnoughHaveBeenSeen() throws {
    for number in 0..<5 { try connection.run("INSERT INTO thing VALUES (?, 'x')", [number]) }
    var seen: [Int64?] = []
    try connection.each("SELECT number FROM thing ORDER BY number") { row throws(SQLiteError) in
      seen.append(row.integer(0))
      return seen.count < 2
    }
    #expect(seen == [0, 1])
    // The statement is at its beginning again.
    #expect(try connection.integer("SELECT number FROM thing ORDER BY number") == 0)
  }

  @Test func aStatementCanBeRunWithinItself() throws {
    for number in 0..<3 { try connection.run("INSERT INTO thing VALUES (?, 'x')", [number]) }
    let query = "SELECT number FROM thing ORDER BY number"
    var pairs = 0
    try connection.each(query) { _ throws(SQLiteError) in
      try connection.each(query) { _ throws(SQLiteError) in
        pairs += 1
        return true
      }
      return true
    }
    #expect(pairs == 9)
  }

  @Test func ofManyDifferentStatementsSomeAreKept() throws {
    for number in 0..<200 { #expect(try connection.integer("SELECT \(number)") == Int64(number)) }
    #expect((1...Connection.statementLimit).contains(connection.statementCount))
  }

  @Test func changesAreCounted() throws {
    try connection.execute("INSERT INTO thing VALUES (1, 'a'), (2, 'b')")
    try connection.run("UPDATE thing SET name = 'c'")
    #expect(connection.changes == 2)
    try connection.run("UPDATE thing SET name = 'd' WHERE number > 5")
    #expect(connection.changes == 0)
  }

  @Test func aTransactionIsDoneWhole() throws {
    let count = try connection.transaction {
      try connection.execute("INSERT INTO thing VALUES (1, 'a'), (2, 'b')")
      return connection.changes
    }
    #expect(count == 2)
    #expect(try names() == ["a", "b"])
  }

  @Test func ofATransactionThatFailsNothingIsDone() throws {
    struct Fault: Error {}
    #expect(throws: Fault.self) {
      try connection.transaction {
        try connection.run("INSERT INTO thing VALUES (1, 'a')")
        throw Fault()
      }
    }
    #expect(try names() == [])
    try connection.transaction { try connection.run("INSERT INTO thing VALUES (2, 'b')") }
    #expect(try names() == ["b"])
  }

  @Test func aTransactionThatWasLeftOpenIsEnded() throws {
    try connection.run("BEGIN")
    try connection.run("INSERT INTO thing VALUES (1, 'a')")
    try connection.clear()
    try connection.clear()
    #expect(try names() == [])
  }

  @Test func whoReadsWritesNothing() throws {
    let reader = try Connection(path: folder["test.sqlite"], for: .reading)
    #expect(throws: SQLiteError.self) { try reader.run("DELETE FROM thing") }
    #expect(throws: SQLiteError.self) { try Connection(path: folder["none"], for: .reading) }
  }

  @Test func aLockedFileIsToldFromADamagedOne() throws {
    try connection.run("BEGIN EXCLUSIVE")
    let other = try Connection(path: folder["test.sqlite"], for: .writing)
    let error = #expect(throws: SQLiteError.self) { try other.run("DELETE FROM thing") }
    #expect(error?.isLock == true && error?.isDamage == false)
  }

  @Test func aFileThatIsNoDatabaseIsDamaged() throws {
    let path = try folder.write("This is a text and no database.", to: "no.sqlite")
    let other = try Connection(path: path, for: .writing)
    let error = #expect(throws: SQLiteError.self) { try other.run("CREATE TABLE x (y)") }
    #expect(error?.isDamage == true)
  }

  /// SQLite's own message would have quoted it.
  @Test func aFaultSaysNothingOfTheStatement() {
    let error = #expect(throws: SQLiteError.self) { try connection.run("SELECT secret") }
    #expect(error.map { "\($0)".contains("secret") } == false)
    #expect("\(SQLiteError(code: 13))" == "SQLite error 13 (database or disk is full)")
  }
}
