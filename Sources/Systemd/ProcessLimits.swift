import CSystemd
import Glibc

/// Limits of this process that are set once, at its start.
package enum ProcessLimits {
  private static let descriptorLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  /// How many descriptors may be open.
  package static var descriptors: UInt64 {
    var limit = rlimit()
    // It cannot fail for a limit that there is.
    return getrlimit(descriptorLimit, &limit) == 0 ? UInt64(limit.rlim_cur) : .max
  }

  /// Raises the soft limit of open descriptors to the hard one: systemd's default soft limit is 1024.
  package static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(descriptorLimit, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // Where it may not be raised, what holds stays.
    _ = setrlimit(descriptorLimit, &limit)
  }

  /// Fills the descriptors of standard input, output and error where they are closed: a socket
  /// that got one of these numbers would be written to by whoever logs.
  package static func fillStandardDescriptors() {
    // open(2) gives the lowest number that is free.
    for descriptor in 0...2 as ClosedRange<CInt> where fcntl(descriptor, F_GETFD) == -1 {
      guard open("/dev/null", O_RDWR) == descriptor else { return }
    }
  }

  /// Keeps keys out of core files and away from debuggers of the same user (prctl(2)).
  package static func forbidCoreDumps() {
    // Neither can fail: the value is a valid one, and lowering a limit is always allowed.
    _ = systemd_shim_forbid_dumps()
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }
}
