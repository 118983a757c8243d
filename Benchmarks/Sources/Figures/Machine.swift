import FoundationEssentials
import Glibc

/// What figures were measured on.
package struct Machine: Codable, Equatable, Sendable {
  /// The model name of the first processor.
  package var processor: String
  /// Processors that are online.
  package var cores: Int
  /// Physical memory, in GiB.
  package var memoryGiB: Double
  /// The release of the kernel, as uname -r has it.
  package var kernel: String
  /// The distribution, as it calls itself.
  package var system: String

  private enum CodingKeys: String, CodingKey {
    case processor, cores, kernel, system
    case memoryGiB = "memory_gib"
  }

  /// This machine.
  package init() {
    let processors = Self.text("/proc/cpuinfo")
    processor = Self.value(of: "model name", in: processors) ?? "unknown"
    cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let pages = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    memoryGiB = (pages / Double(1 << 30) * 10).rounded() / 10
    kernel = Self.text("/proc/sys/kernel/osrelease").filter { $0 != "\n" }
    let release = Self.text("/etc/os-release").split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
    system = release?.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } ?? "unknown"
  }

  private static func text(_ path: String) -> String {
    do {
      return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    } catch {
      // Of a report this is the least.
      return ""
    }
  }

  private static func value(of key: String, in text: String) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    guard let line, let colon = line.firstIndex(of: ":") else { return nil }
    return String(line[line.index(after: colon)...].drop { $0 == " " })
  }
}
