import CSystemd
import Glibc
import Synchronization

/// A Unix socket of promptd's own, for when systemd hands none over.
///
/// A lock file beside the socket makes sure that one promptd serves it: it is held until `close`.
/// A socket file that nobody serves is stale and taken over; whether anybody does is found out by
/// connecting.
package final class ListeningSocket: Sendable {
  private struct Contents {
    var descriptor: Int32?
    var lock: Int32
    var isBound: Bool
  }

  /// Where it is.
  package let path: String
  /// The file that was bound, to tell it from one that came later.
  private let inode: ino_t
  private let contents: Mutex<Contents>

  /// Binds and listens. Folders that are missing are made, for this user alone; `group` is the
  /// group that gets the file, and `mode` its permissions.
  package init(path: String, mode: UInt32, group: UInt32?) throws(SystemdError) {
    self.path = path
    let address = try SocketAddress(path)
    try Self.makeFolders(for: path)
    let lock = try Self.lock(path)
    do throws(SystemdError) {
      try Self.clear(path, address)
      let descriptor = try Self.bind(path, address, mode, group)
      var status = stat()
      guard stat(path, &status) == 0 else { throw SystemdError("\(path) vanished", errno) }
      inode = status.st_ino
      contents = Mutex(Contents(descriptor: descriptor, lock: lock, isBound: true))
    } catch {
      Glibc.close(lock)
      throw error
    }
  }

  deinit { close() }

  /// Gives the listening descriptor away; the caller closes it.
  package func takeDescriptor() throws(SystemdError) -> Int32 {
    let descriptor = contents.withLock { contents in
      defer { contents.descriptor = nil }
      return contents.descriptor
    }
    guard let descriptor else { throw SystemdError("the socket's descriptor was taken before") }
    return descriptor
  }

  /// Unlinks the socket, if it is still this one, and lets the next promptd have the path.
  package func close() {
    contents.withLock { contents in
      guard contents.isBound else { return }
      contents.isBound = false
      if let descriptor = contents.descriptor { Glibc.close(descriptor) }
      contents.descriptor = nil
      var status = stat()
      if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
      // The lock file stays: unlinking it would let two lock two files of one name.
      Glibc.close(contents.lock)
    }
  }

  private static func makeFolders(for path: String) throws(SystemdError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let folder = String(path[..<slash])
    if access(folder, F_OK) == 0 { return }
    try makeFolders(for: folder)
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw SystemdError("the socket's folder \(folder) cannot be made", errno)
    }
  }

  private static func lock(_ path: String) throws(SystemdError) -> Int32 {
    let file = path + ".lock"
    let lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw SystemdError("the lock file \(file) cannot be opened", errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(lock)
      throw inUse(path)
    }
    return lock
  }

  private static func inUse(_ path: String) -> SystemdError {
    SystemdError(
      "another promptd serves \(path): stop it first, or give this one its own listen.socket")
  }

  /// Removes a stale socket; refuses one that answers, and anything that is no socket.
  private static func clear(_ path: String, _ address: SocketAddress) throws(SystemdError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw SystemdError("\(path) cannot be looked at", errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemdError("\(path) is there and no socket: move it away, or change listen.socket")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw SystemdError("no socket can be made", errno) }
    defer { Glibc.close(probe) }
    if address.lend({ connect(probe, $0, $1) }) == 0 { throw inUse(path) }
    guard errno == ECONNREFUSED else { throw SystemdError("\(path) cannot be probed", errno) }
    guard unlink(path) == 0 || errno == ENOENT else {
      throw SystemdError("the stale socket \(path) cannot be removed", errno)
    }
  }

  private static func bind(
    _ path: String, _ address: SocketAddress, _ mode: UInt32, _ group: UInt32?
  ) throws(SystemdError) -> Int32 {
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, Int32(flags), 0)
    guard descriptor >= 0 else { throw SystemdError("no socket can be made", errno) }
    // On Linux bind(2) gives the file the mode of the socket's inode, less the umask: nobody can
    // connect between bind and chmod who may not afterwards.
    _ = fchmod(descriptor, 0o600)
    guard address.lend({ Glibc.bind(descriptor, $0, $1) }) == 0 else {
      defer { Glibc.close(descriptor) }
      throw SystemdError("\(path) cannot be bound", errno)
    }
    guard group.map({ chown(path, uid_t.max, $0) == 0 }) ?? true, chmod(path, mode) == 0,
      listen(descriptor, backlog) == 0
    else {
      defer {
        Glibc.close(descriptor)
        unlink(path)
      }
      throw SystemdError("\(path) cannot be given its group and mode", errno)
    }
    return descriptor
  }

  /// Connections that may wait to be accepted; the kernel caps it (net.core.somaxconn).
  private static let backlog: Int32 = 4096
}
