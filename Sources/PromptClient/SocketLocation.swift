package import Glibc

/// Where a client finds the daemon's socket.
package enum SocketLocation {
  /// The environment variable that tells clients where the socket is.
  package static let variable = "PROMPTD_SOCKET"

  /// The path to dial: `option` if it is given, then `$PROMPTD_SOCKET` unless it is empty, then
  /// `userSocket` if `isOwn` says that it is there and the user's, else `systemSocket`.
  package static func path(
    option: String?, environment: [String: String], userSocket: String, systemSocket: String,
    isOwn: (String) -> Bool = { isOwnSocket($0) }
  ) -> String {
    if let option { return option }
    if let set = environment[variable], !set.isEmpty { return set }
    return isOwn(userSocket) ? userSocket : systemSocket
  }

  /// Whether a socket is at `path` that belongs to `user`.
  ///
  /// Without a runtime directory the user's path is in a folder that anybody could have made
  /// first: a socket of somebody else's there must not get this user's prompts.
  package static func isOwnSocket(_ path: String, user: uid_t = geteuid()) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFSOCK && status.st_uid == user
  }
}
