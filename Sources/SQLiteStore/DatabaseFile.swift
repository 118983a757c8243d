import FoundationEssentials
import Glibc

/// The database's place in the file system: the file itself, its `-wal` and its `-shm`.
struct DatabaseFile: Sendable {
  /// Which file is at a path: one that was removed and made anew is another.
  struct Identity: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
  }

  /// The path of the file.
  let path: String

  /// The path's last component.
  private var name: Substring { path.split(separator: "/").last ?? "" }

  /// The path of the folder that holds the file.
  private var folder: String {
    let folder = path.dropLast(name.count)
    return folder.isEmpty ? "." : String(folder)
  }

  /// What stands behind the file's name in the names of SQLite's own files.
  private static let suffixes = ["", "-wal", "-shm"]

  /// Makes the folders (0700) and the file (0600) where they are missing, and takes the file and
  /// its companions from everybody but the owner.
  ///
  /// SQLite gives `-wal` and `-shm` the mode of the file, so making it first covers them.
  func prepare() throws(StoreFault) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unavailable(file: path, cause: "its folder is missing and cannot be made")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unavailable(file: path, cause: "it is no regular file")
    }
    // Exclusively: closing a descriptor of a file that is a live database drops SQLite's locks.
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      close(descriptor)
    } else if errno != EEXIST {
      throw .unavailable(file: path, cause: String(cString: strerror(errno)))
    }
    for suffix in Self.suffixes where chmod(path + suffix, 0o600) != 0 && errno != ENOENT {
      throw .unavailable(file: path, cause: String(cString: strerror(errno)))
    }
  }

  /// Which file is at the path now, or nil if there is none to be seen.
  func identity() -> Identity? { Self.identity(at: path) }

  /// Which file is its write-ahead log now, or nil if there is none to be seen.
  func logIdentity() -> Identity? { Self.identity(at: path + "-wal") }

  private static func identity(at path: String) -> Identity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Removes the write-ahead log of a file that another has taken the place of, which SQLite would
  /// read into that one; nothing happens where the log has been replaced too. The database must be
  /// closed.
  func removeLog(_ log: Identity?) {
    guard let log, log == logIdentity() else { return }
    for suffix in Self.suffixes.dropFirst() { unlink(path + suffix) }
  }

  /// Removes the file and its companions. The database must be closed.
  func remove() throws(StoreFault) {
    for suffix in Self.suffixes where unlink(path + suffix) != 0 && errno != ENOENT {
      throw .unavailable(file: path, cause: String(cString: strerror(errno)))
    }
  }

  /// Renames the file and its companions to `NAME.corrupt-TIMESTAMP…`, removes what an earlier
  /// call left, and returns the new path; `now` is in milliseconds since 1970.
  ///
  /// The database must be closed.
  func moveAside(now: Int64) throws(StoreFault) -> String {
    let time = Date(timeIntervalSince1970: Double(now) / 1000)
    let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
    let target = "\(path).corrupt-\(time.formatted(style))"
    removeEarlier()
    for suffix in Self.suffixes where rename(path + suffix, target + suffix) != 0 {
      guard errno == ENOENT else {
        throw .unavailable(
          file: path,
          cause: "it is damaged and cannot be renamed, \(String(cString: strerror(errno)))")
      }
    }
    return target
  }

  /// Removes the damaged files of before: only the latest is of use, and each is as large as the
  /// whole cache.
  func removeEarlier() {
    let prefix = name + ".corrupt-"
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch { return }
    for old in names where old.hasPrefix(prefix) {
      // One that stays costs room and nothing else.
      unlink("\(folder)/\(old)")
    }
  }
}
