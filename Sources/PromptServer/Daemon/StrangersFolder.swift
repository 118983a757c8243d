import Glibc

/// A folder that somebody else has made where everybody may make some, as in /tmp.
///
/// Whoever owns it may put another socket or another file in the place of promptd's.
struct StrangersFolder: Error, CustomStringConvertible {
  let path: String

  /// The first of the folders above `file` that is one; nil when none is.
  init?(above file: String, user: uid_t = geteuid()) {
    var parent = "/"
    for name in file.split(separator: "/").dropLast() {
      let path = parent == "/" ? "/\(name)" : "\(parent)/\(name)"
      if Self.isShared(parent), Self.isStrangers(path, user) {
        self.path = path
        return
      }
      parent = path
    }
    return nil
  }

  var description: String {
    "the folder \(path) belongs to somebody else, and is where everybody may make some; remove it, or "
      + "name other places (listen.socket, cache.file, state.file)"
  }

  private static func isShared(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_ISVTX != 0
      && status.st_mode & S_IWOTH != 0
  }

  /// One that is missing is made by promptd. Of a link it is asked who made the link.
  private static func isStrangers(_ path: String, _ user: uid_t) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_uid != user && status.st_uid != 0
  }
}
