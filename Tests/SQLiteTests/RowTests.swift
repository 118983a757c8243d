import SQLite
import TestSupport
import Testing

/// What is stored comes back as it was, and as nothing where it is asked for as something else.
@Suite struct RowTests {
  private let folder: TemporaryFolder
  private let connection: Connection

  init() throws {
    folder = try TemporaryFolder()
    connection = try Connection(path: folder["test.sqlite"], for: .writing)
  }

  /// A value on its way into SQLite and out again.
  private func back<Value>(
    _ value: any SQLiteValue, _ read: (borrowing Row) throws(SQLiteError) -> Value?
  ) throws -> Value? {
    try connection.first("SELECT ?", [value], read)
  }

  @Test(arguments: [.min, -1, 0, 1, .max] as [Int64])
  func integersComeBack(number: Int64) throws {
    #expect(try back(number) { row throws(SQLiteError) in row.integer(0) } == number)
    #expect(try back(Int(number)) { row throws(SQLiteError) in row.integer(0) } == number)
  }

  @Test(arguments: [-1.5, 0, 1e300, .infinity]) func numbersComeBack(number: Double) throws {
    #expect(try back(number) { row throws(SQLiteError) in row.real(0) } == number)
  }

  @Test func anIntegerIsANumberToo() throws {
    #expect(try back(7) { row throws(SQLiteError) in row.real(0) } == 7)
  }

  @Test(arguments: ["", "a", "grüße 🙂", "a\0b", String(repeating: "long ", count: 10_000)])
  func textsComeBack(text: String) throws {
    #expect(try back(text) { row throws(SQLiteError) in try row.text(0) } == text)
  }

  @Test(arguments: [[], [0], [1, 0, 255], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]])
  func bytesComeBack(bytes: [UInt8]) throws {
    #expect(try back(bytes) { row throws(SQLiteError) in try row.bytes(0) } == bytes)
  }

  @Test func nothingComesBackAsNothing() throws {
    let none: String? = nil
    #expect(try back(none) { row throws(SQLiteError) in try row.text(0) ?? "nothing" } == "nothing")
    #expect(try back("x" as String?) { row throws(SQLiteError) in try row.text(0) } == "x")
  }

  @Test(arguments: ["NULL", "'text'", "x'00ff'", "1.5", "7"])
  func whatIsOfAnotherTypeIsNothing(literal: String) throws {
    let sql = "SELECT \(literal)"
    var found: [String] = []
    var rows = 0
    try connection.each(sql) { row throws(SQLiteError) in
      rows += 1
      if row.integer(0) != nil { found.append("integer") }
      if row.real(0) != nil { found.append("real") }
      if try row.text(0) != nil { found.append("text") }
      if try row.bytes(0) != nil { found.append("bytes") }
      return true
    }
    let expected = [
      "NULL": [], "'text'": ["text"], "x'00ff'": ["bytes"], "1.5": ["real"],
      "7": ["integer", "real"],
    ]
    #expect(found == expected[literal])
    #expect(rows == 1)
  }

  @Test func aColumnThatIsNotThereIsNothing() throws {
    let found = try connection.first("SELECT 1") { row throws(SQLiteError) in
      row.integer(5) == nil && row.integer(-1) == nil
    }
    #expect(found == true)
  }

  @Test func aTextThatIsNotUTF8IsRepaired() throws {
    let text = try connection.first("SELECT CAST(x'61ff62' AS TEXT)") { row throws(SQLiteError) in
      try row.text(0)
    }
    #expect(text == "a\u{FFFD}b")
  }

  @Test func aFileInUTF16IsRead() throws {
    try connection.execute("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x TEXT)")
    try connection.run("INSERT INTO t VALUES (?)", ["grüße"])
    let text = try connection.first("SELECT x FROM t") { row throws(SQLiteError) in try row.text(0)
    }
    #expect(text == "grüße")
  }
}
