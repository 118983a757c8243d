import Synchronization

/// The records of all clients that have been seen, one a name.
final class ClientRegistry: Sendable {
  private let records = Mutex<[String: ClientRecord]>([:])

  /// The record of the client with this name, a new one if need be.
  func record(of name: String) -> ClientRecord {
    records.withLock { records in
      if let known = records[name] { return known }
      let record = ClientRecord(name: name)
      records[name] = record
      return record
    }
  }

  /// Every record, by name.
  var all: [ClientRecord] { records.withLock { $0.values.sorted { $0.name < $1.name } } }
}
