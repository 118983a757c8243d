import FoundationEssentials
import Glibc

/// A tmpfs of a few kilobytes; only root may mount one.
struct SmallDisk {
  /// Whether this process may mount: root may not everywhere.
  static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    let path = "/tmp/promptd-mount-\(getpid())"
    defer { rmdir(path) }
    do {
      try SmallDisk(at: path, kibibytes: 64).unmount()
      return true
    } catch {
      return false
    }
  }()

  let path: String

  init(at path: String, kibibytes: Int) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.mount(path, kibibytes: kibibytes, flags: 0)
  }

  /// Gives it another size, or another mode, which is refused while a file is open for writing.
  func resize(kibibytes: Int, isReadOnly: Bool = false) throws {
    let flags = MS_REMOUNT | (isReadOnly ? MS_RDONLY : 0)
    try Self.mount(path, kibibytes: kibibytes, flags: UInt(flags))
  }

  /// Takes it away at once, from open files too.
  func unmount() { umount2(path, Int32(MNT_DETACH)) }

  private static func mount(_ path: String, kibibytes: Int, flags: UInt) throws {
    guard Glibc.mount("tmpfs", path, "tmpfs", flags, "size=\(kibibytes)k") == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }
}
