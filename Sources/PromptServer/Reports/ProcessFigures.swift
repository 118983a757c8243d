import Glibc

/// What this process takes of the machine, as the kernel says.
struct ProcessFigures {
  /// Resident memory, in bytes; 0 where it cannot be told.
  let memory: Int
  /// Open descriptors.
  let descriptors: Int
  /// How many there may be.
  let descriptorLimit: Int
  /// Processor time since the start, in seconds.
  let processorTime: Double

  init() {
    memory = Self.pages() * Int(sysconf(CInt(_SC_PAGESIZE)))
    descriptors = Self.count("/proc/self/fd")
    var limit = rlimit()
    let known = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    descriptorLimit = known ? Int(clamping: limit.rlim_cur) : 0
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    processorTime = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The second number of /proc/self/statm (proc(5)).
  private static func pages() -> Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &buffer, buffer.count)
    let words = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }

  /// Entries of a folder, but for the one that looking opens.
  private static func count(_ path: String) -> Int {
    guard let folder = opendir(path) else { return 0 }
    defer { closedir(folder) }
    var count = -3  // `.`, `..` and the folder itself
    while readdir(folder) != nil { count += 1 }
    return max(0, count)
  }
}
