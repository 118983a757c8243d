import CSystemd
import Glibc

/// What this process keeps of the system's memory, and when it gives it back.
package enum ProcessMemory {
  /// Has freed memory stay with the process until `giveBackFreed`: pages that go back to the system are
  /// emptied before they come again, which costs more than hashing what they held.
  package static func keepFreed() { systemd_shim_keep_freed() }

  /// Gives freed memory back to the system. Takes some milliseconds where there is much, in which
  /// others may have to wait for memory: not for every request.
  package static func giveBackFreed() { systemd_shim_give_back_freed() }

  /// Gives back code that only the start needed. The kernel maps many pages around each that is used,
  /// and most of what a start runs never runs again: half of an idle promptd. A page that is used again
  /// is mapped again from the file, or the kernel's cache of it.
  ///
  /// Only code is given back, which nothing writes to: data would be lost.
  package static func giveBackCode() {
    // Without /proc they stay, and promptd is as good.
    guard let maps = fopen("/proc/self/maps", "re") else { return }
    defer { fclose(maps) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, maps) > 0, let line {
      guard let range = codeRange(String(cString: line)) else { continue }
      // Whether it does is no matter.
      _ = madvise(
        UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
    }
  }

  /// The addresses that a line of proc_pid_maps(5) speaks of, if they hold code from a file.
  static func codeRange(_ line: String) -> Range<UInt>? {
    let fields = line.split(whereSeparator: \.isWhitespace)
    guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return nil }
    let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    guard ends.count == 2, ends[0] < ends[1] else { return nil }
    return ends[0]..<ends[1]
  }
}
