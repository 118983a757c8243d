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
    /// Nil once it was taken or closed.
    var descriptor: Int32?
    /// Nil once it was given up.
    var lock: Int32?
  }

  /// Connections that may wait to be accepted; the kernel caps it (net.core.somaxconn).
  private static let backlog: Int32 = 4096

  /// Where it is.
  package let path: String
  private let identity: FileIdentity?
  private let contents: Mutex<Contents>

  /// Binds and listens, non-blocking and closed on exec.
  ///
  /// Folders that are missing are made: for everybody to enter if `mode` lets others than the owner
  /// connect, else for this user alone. `group` is the group that gets the file, `mode` its
  /// permissions.
  package init(path: String, mode: UInt32, group: UInt32?) throws(SystemdError) {
    self.path = path
    let address = try SocketAddress(path)
    try Self.makeFolders(for: path, mode: mode & 0o077 == 0 ? 0o700 : 0o755)
    let lock = try Self.lock(path, address)
    do throws(SystemdError) {
      try Self.clear(path, address)
      let descriptor = try Self.bind(path, address, mode, group)
      do throws(SystemdError) { identity = try FileIdentity(path) } catch {
        Glibc.close(descriptor)
        throw error
      }
      contents = Mutex(Contents(descriptor: descriptor, lock: lock))
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

  /// Lets the next promptd have the path; unless `unlinking` is false, the file goes, if it is still
  /// this socket's. Nothing happens the second time.
  package func close(unlinking: Bool = true) {
    contents.withLock { contents in
      if let descriptor = contents.descriptor { Glibc.close(descriptor) }
      contents.descriptor = nil
      guard let lock = contents.lock else { return }
      contents.lock = nil
      if unlinking { unlinkOwn() }
      // The lock file stays: unlinking it would let two lock two files of one name.
      Glibc.close(lock)
    }
  }

  /// Under the lock nobody who asks for it can bind between the look and the unlinking.
  private func unlinkOwn() {
    do throws(SystemdError) {
      if let identity, try FileIdentity(path) == identity { unlink(path) }
    } catch {
      // Its folder was taken away: the file is out of reach, and harmless as a stale socket.
      return
    }
  }

  private static func makeFolders(for path: String, mode: mode_t) throws(SystemdError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let folder = String(path[..<slash])
    if access(folder, F_OK) == 0 { return }
    try makeFolders(for: folder, mode: mode)
    if mkdir(folder, mode) == 0 {
      // The umask may have taken bits off.
      guard chmod(folder, mode) == 0 else {
        throw SystemdError("the socket's folder \(folder) cannot be given its mode", errno)
      }
    } else if errno != EEXIST {
      throw SystemdError(
        "the socket's folder \(folder) cannot be made; make it, or change listen.socket", errno)
    }
  }

  private static func lock(_ path: String, _ address: SocketAddress) throws(SystemdError) -> Int32 {
    let file = path + ".lock"
    let lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else {
      throw SystemdError("the lock file \(file) cannot be opened; give this user its folder", errno)
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      Glibc.close(lock)
      guard code == EWOULDBLOCK else {
        throw SystemdError("the lock file \(file) cannot be locked", code)
      }
      throw inUse(path, SocketProbe(address))
    }
    return lock
  }

  private static func inUse(_ path: String, _ probe: SocketProbe) -> SystemdError {
    var what = "another promptd serves \(path)"
    if case .answered(let pid?) = probe { what += " (process \(pid))" }
    return SystemdError("\(what): stop it first, or give this one its own listen.socket")
  }

  /// Removes a stale socket; refuses one that answers, and anything that is no socket.
  private static func clear(_ path: String, _ address: SocketAddress) throws(SystemdError) {
    guard let found = try FileIdentity(path) else { return }
    guard found.isSocket else {
      throw SystemdError("\(path) is there and no socket: move it away, or change listen.socket")
    }
    let probe = SocketProbe(address)
    switch probe {
    case .answered: throw inUse(path, probe)
    case .failed(let code):
      throw SystemdError("\(path) is there and cannot be tried: change listen.socket", code)
    case .refused:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw SystemdError("the stale socket \(path) cannot be removed; remove it", errno)
      }
    }
  }

  private static func bind(
    _ path: String, _ address: SocketAddress, _ mode: UInt32, _ group: UInt32?
  ) throws(SystemdError) -> Int32 {
    let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, Int32(flags), 0)
    guard descriptor >= 0 else { throw SystemdError("no socket can be made", errno) }
    // On Linux bind(2) gives the file the mode of the socket's inode, less the umask: nobody can
    // connect between bind and chmod who may not afterwards. The umask itself is the whole
    // process's, so changing it would change the files of other threads.
    guard fchmod(descriptor, 0o600) == 0, address.lend({ Glibc.bind(descriptor, $0, $1) }) == 0
    else {
      defer { Glibc.close(descriptor) }
      throw SystemdError("\(path) cannot be bound; give this user its folder", errno)
    }
    do throws(SystemdError) {
      if let group, lchown(path, uid_t.max, group) != 0 {
        throw SystemdError(
          "\(path) cannot be given to the group \(group): join it, or change listen.group", errno)
      }
      guard chmod(path, mode) == 0 else {
        throw SystemdError("\(path) cannot be given its mode", errno)
      }
      guard listen(descriptor, backlog) == 0 else {
        throw SystemdError("\(path) cannot be listened to", errno)
      }
    } catch {
      unlink(path)
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }
}
