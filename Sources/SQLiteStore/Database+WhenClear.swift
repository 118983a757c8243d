import GRDB

extension Database {
  /// Runs `body` outside of any transaction. One may be open that could neither be committed nor rolled
  /// back, without memory or a disk; GRDB would end the process for it.
  func whenClear<Value>(_ body: (Database) throws -> Value) throws -> Value {
    if isInsideTransaction { try rollback() }
    return try body(self)
  }
}
