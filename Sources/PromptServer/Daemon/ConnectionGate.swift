import Synchronization

/// How many connections there are, in all and for each user.
final class ConnectionGate: Sendable {
  private struct Counts {
    var all = 0
    var owners: [Owner: Int] = [:]
    var limits: ConnectionLimits
  }

  private let counts: Mutex<Counts>

  /// Lets in as many as the limits say.
  init(_ limits: ConnectionLimits) { counts = Mutex(Counts(limits: limits)) }

  /// Lets in so many from now on; whoever is in stays.
  func limit(to limits: ConnectionLimits) { counts.withLock { $0.limits = limits } }

  /// How many are in.
  var count: Int { counts.withLock { $0.all } }

  /// Places beyond the limits for root, who must be able to look in and to reload when all others are
  /// taken.
  private static let reserve = 16

  /// Lets one more in, or says which limit it meets; who is let in must `leave`.
  func enter(_ owner: Owner) -> String? {
    let reserve = owner == .user(0) ? Self.reserve : 0
    return counts.withLock { counts in
      let limits = counts.limits
      if counts.all >= limits.most + reserve {
        let name = limits.shortage == nil ? "max_connections" : "as many as descriptors suffice for"
        return "there are \(limits.most) connections already (\(name)); try again later"
      }
      if counts.owners[owner, default: 0] >= limits.mostForUser + reserve {
        return
          "this user has \(limits.mostForUser) connections already (max_connections_per_user); "
          + "close one, or send more lines over each"
      }
      counts.all += 1
      counts.owners[owner, default: 0] += 1
      return nil
    }
  }

  /// One that was let in is gone.
  func leave(_ owner: Owner) {
    counts.withLock { counts in
      counts.all -= 1
      let left = counts.owners[owner, default: 1] - 1
      counts.owners[owner] = left == 0 ? nil : left
    }
  }
}
