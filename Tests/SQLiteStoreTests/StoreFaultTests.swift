import GRDB
import Testing

@testable import SQLiteStore

@Suite struct StoreFaultTests {
  @Test func nothingOfAStatementIsRepeated() throws {
    let error = DatabaseError(
      resultCode: .SQLITE_FULL, message: "secret", sql: "INSERT secret",
      arguments: ["secret"], publicStatementArguments: true)
    let text = StoreFault(error, file: "/c").description
    #expect(!text.contains("secret"))
    #expect(text.contains("database or disk is full"))
    #expect(text.contains("see that the disk has room"))
  }

  @Test(arguments: [ResultCode.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CORRUPT_INDEX])
  func damageIsToldFromTheRest(code: ResultCode) {
    #expect(StoreFault(DatabaseError(resultCode: code), file: "/c") == .corrupt(file: "/c"))
  }

  @Test func aFaultStaysItself() {
    let fault = StoreFault.newerSchema(file: "/c", version: 2, known: 1)
    #expect(StoreFault(fault, file: "/d") == fault)
  }
}
