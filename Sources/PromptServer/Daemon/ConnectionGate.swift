import Synchronization

/// How many connections there are, in all and for each user.
final class ConnectionGate: Sendable {
  private struct Counts {
    var all = 0
    var users: [UInt32: Int] = [:]
  }

  private let counts = Mutex(Counts())
  private let most: Int
  private let mostForUser: Int

  /// Lets in at most `most` connections, and at most `mostForUser` of one user.
  init(most: Int, mostForUser: Int) {
    self.most = most
    self.mostForUser = mostForUser
  }

  /// How many are in.
  var count: Int { counts.withLock { $0.all } }

  /// Lets one more in, or says which limit it meets; who is let in must `leave`.
  func enter(_ uid: UInt32) -> String? {
    counts.withLock { counts in
      if counts.all >= most {
        return "there are \(most) connections already (max_connections); try again later"
      }
      if counts.users[uid, default: 0] >= mostForUser {
        return "this user has \(mostForUser) connections already (max_connections_per_user); "
          + "close one, or send more lines over each"
      }
      counts.all += 1
      counts.users[uid, default: 0] += 1
      return nil
    }
  }

  /// One that was let in is gone.
  func leave(_ uid: UInt32) {
    counts.withLock { counts in
      counts.all -= 1
      let left = counts.users[uid, default: 1] - 1
      counts.users[uid] = left == 0 ? nil : left
    }
  }
}
