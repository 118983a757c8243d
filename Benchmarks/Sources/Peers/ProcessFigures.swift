import Glibc

/// What the kernel says about a process (proc(5)).
package struct ProcessFigures: Equatable, Sendable {
  /// VmRSS, in MiB.
  package var residentMiB = 0.0
  /// Context switches so far of each thread, by its number: each is the end of a time on a core,
  /// so in a process that waits it is a wake-up.
  package var contextSwitches: [String: Int] = [:]

  /// Looks at a process that runs. Throws `.system` where there is none.
  package init(_ pid: Int32) throws(PeerError) {
    let status = try Files.read("/proc/\(pid)/status")
    residentMiB = Double(Self.number("VmRSS:", in: status)) / 1024
    for thread in try Self.threads(of: pid) {
      let status: String
      do throws(PeerError) {
        status = try Files.read("/proc/\(pid)/task/\(thread)/status")
      } catch {
        // It has ended since the list was made.
        continue
      }
      contextSwitches[thread] =
        Self.number("voluntary_ctxt_switches:", in: status)
        + Self.number("nonvoluntary_ctxt_switches:", in: status)
    }
  }

  /// Wake-ups between an earlier look and this one. Those of threads that have ended meanwhile
  /// went with them.
  package func wakeUps(since earlier: ProcessFigures) -> Int {
    contextSwitches.reduce(0) { $0 + $1.value - earlier.contextSwitches[$1.key, default: 0] }
  }

  private static func threads(of pid: Int32) throws(PeerError) -> [String] {
    guard let folder = opendir("/proc/\(pid)/task") else { throw .failed("/proc/\(pid)/task") }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func number(_ key: String, in status: String) -> Int {
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else {
      return 0
    }
    return Int(line.filter(\.isNumber)) ?? 0
  }
}
