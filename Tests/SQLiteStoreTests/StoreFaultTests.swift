import SQLite
import Testing

@testable import SQLiteStore

@Suite struct StoreFaultTests {
  @Test func aFaultOfTheDiskSaysWhatToDo() throws {
    let text = StoreFault(SQLiteError(code: 13), file: "/c").description
    #expect(text.contains("database or disk is full"))
    #expect(text.contains("see that the disk has room"))
  }

  /// SQLITE_CORRUPT, SQLITE_NOTADB and SQLITE_CORRUPT_INDEX.
  @Test(arguments: [11, 26, 779] as [Int32]) func damageIsToldFromTheRest(code: Int32) {
    #expect(StoreFault(SQLiteError(code: code), file: "/c") == .corrupt(file: "/c"))
  }

  @Test func aFaultStaysItself() {
    let fault = StoreFault.newerSchema(file: "/c", version: 2, known: 1)
    #expect(StoreFault(fault, file: "/d") == fault)
  }
}
