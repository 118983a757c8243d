import Dispatch
import SQLite
import TestSupport
import Testing

@Suite struct SharedConnectionTests {
  private let folder: TemporaryFolder
  private let shared: SharedConnection

  init() throws {
    folder = try TemporaryFolder()
    shared = try SharedConnection(path: folder["test.sqlite"], for: .writing)
    try shared.use { try $0.execute("CREATE TABLE thing (number INTEGER)") }
  }

  @Test func threadsTakeTurns() throws {
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for _ in 0..<50 {
        #expect(throws: Never.self) {
          try shared.use { db in
            try db.transaction {
              let last = try db.integer("SELECT max(number) FROM thing") ?? 0
              try db.run("INSERT INTO thing VALUES (?)", [last + 1])
            }
          }
        }
      }
    }
    #expect(try shared.use { try $0.integer("SELECT max(number) FROM thing") } == 400)
  }

  @Test func nobodyIsGivenATransactionOfSomebodyElse() throws {
    try shared.use { try $0.execute("BEGIN; INSERT INTO thing VALUES (1)") }
    #expect(try shared.use { try $0.integer("SELECT count(*) FROM thing") } == 0)
  }

  @Test func onceItIsClosedItIsAFault() {
    shared.close()
    shared.close()
    #expect(throws: SQLiteError.self) { try shared.use { try $0.run("DELETE FROM thing") } }
  }

  @Test func theLastToCloseTakesTheLogIntoTheFile() throws {
    try shared.use { db in
      try db.execute("PRAGMA journal_mode = WAL")
      try db.execute("INSERT INTO thing VALUES (1)")
    }
    #expect(try !folder.read("test.sqlite-wal").isEmpty)
    shared.close()
    #expect(throws: (any Error).self) { try folder.read("test.sqlite-wal") }
    let later = try Connection(path: folder["test.sqlite"], for: .reading)
    #expect(try later.integer("SELECT count(*) FROM thing") == 1)
  }
}
