import Glibc

/// Which file a path leads to, so that one that came later in its place can be told from it.
struct FileIdentity: Equatable {
  private let device: dev_t
  private let inode: ino_t
  /// Whether it is a socket.
  let isSocket: Bool

  /// Looks at the path itself and not at what a symbolic link points to; nil if nothing is there.
  /// Throws when it cannot be looked at.
  init?(_ path: String) throws(SystemdError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw SystemdError("\(path) cannot be looked at; make its folder readable", errno)
    }
    device = status.st_dev
    inode = status.st_ino
    isSocket = status.st_mode & S_IFMT == S_IFSOCK
  }
}
