import Glibc

// Names of users and groups. Each may be asked of a server far away: not for an event loop.
extension Peer {
  /// The name of a user, or nil (getpwuid_r(3)).
  package static func userName(of uid: UInt32) -> String? {
    lookUp(passwd()) {
      getpwuid_r(uid, $0, $1, $2, $3)
    } as: {
      String(cString: $0.pw_name)
    }
  }

  /// The number of a user, or nil (getpwnam_r(3)).
  package static func userID(named name: String) -> UInt32? {
    lookUp(passwd()) {
      getpwnam_r(name, $0, $1, $2, $3)
    } as: {
      $0.pw_uid
    }
  }

  /// The number of a group, or nil (getgrnam_r(3)).
  package static func groupID(named name: String) -> UInt32? {
    lookUp(group()) {
      getgrnam_r(name, $0, $1, $2, $3)
    } as: {
      $0.gr_gid
    }
  }

  private typealias LookUp<Record> = (
    UnsafeMutablePointer<Record>, UnsafeMutablePointer<CChar>, _ room: Int,
    UnsafeMutablePointer<UnsafeMutablePointer<Record>?>
  ) -> Int32

  /// Asks with more and more room, up to what a group of very many members takes. `read` takes its
  /// value out while the text that the record points to is there.
  private static func lookUp<Record, Value>(
    _ empty: Record, _ ask: LookUp<Record>, as read: (Record) -> Value
  ) -> Value? {
    var room = 1024
    while room <= 1 << 20 {
      var record = empty
      let (code, value) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { text in
        var found: UnsafeMutablePointer<Record>?
        guard let start = text.baseAddress else { return (ENOMEM, Value?.none) }
        let code = ask(&record, start, room, &found)
        return (code, found == nil ? nil : read(record))
      }
      guard code == ERANGE else { return value }
      room *= 4
    }
    return nil
  }
}
