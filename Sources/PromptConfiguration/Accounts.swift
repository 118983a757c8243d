import Glibc

/// Looks up users and groups by name, or by number where no such name exists.
package struct Accounts: Sendable {
  /// The id of a user; nil if there is none.
  package var user: @Sendable (String) -> UInt32?
  /// The id of a group; nil if there is none.
  package var group: @Sendable (String) -> UInt32?

  /// Accounts that these two look up.
  package init(
    user: @escaping @Sendable (String) -> UInt32?, group: @escaping @Sendable (String) -> UInt32?
  ) {
    self.user = user
    self.group = group
  }

  /// The machine's own, by getpwnam_r(3) and getgrnam_r(3).
  package static let system = Self(
    user: { name in
      withLookupBuffer { buffer, size in
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let code = getpwnam_r(name, &entry, &buffer, size, &found)
        return (code, found?.pointee.pw_uid)
      } ?? UInt32(name)
    },
    group: { name in
      withLookupBuffer { buffer, size in
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        let code = getgrnam_r(name, &entry, &buffer, size, &found)
        return (code, found?.pointee.gr_gid)
      } ?? UInt32(name)
    })

  /// Runs a lookup with more room until it fits; a group of thousands needs far more than the
  /// 1024 bytes that sysconf(3) suggests.
  private static func withLookupBuffer(
    _ lookUp: (inout [CChar], Int) -> (code: CInt, id: UInt32?)
  ) -> UInt32? {
    var size = 16 << 10
    while true {
      var buffer = [CChar](repeating: 0, count: size)
      let answer = lookUp(&buffer, size)
      guard answer.code == ERANGE, size < 16 << 20 else { return answer.id }
      size *= 4
    }
  }
}
