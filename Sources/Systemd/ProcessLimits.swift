import CSystemd
import Glibc

/// Limits of this process that are set once, at its start.
package enum ProcessLimits {
  /// Raises the soft limit of open descriptors to the hard one (systemd's default soft limit is
  /// 1024) and returns what holds then, 0 if it cannot be told.
  @discardableResult
  package static func raiseDescriptorLimit() -> UInt64 {
    let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(descriptors, &limit) == 0 else { return 0 }
    var raised = limit
    raised.rlim_cur = limit.rlim_max
    return UInt64(setrlimit(descriptors, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur)
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
