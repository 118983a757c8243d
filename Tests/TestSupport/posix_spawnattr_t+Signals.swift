import Glibc

extension posix_spawnattr_t {
  /// The child is to hear every signal: it would inherit the mask of this thread, and those of a
  /// thread pool block SIGCHLD, SIGHUP and SIGTERM, which leaves a tmux server behind for good.
  mutating func hearEverySignal() {
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&self, &none)
    posix_spawnattr_setflags(&self, Int16(POSIX_SPAWN_SETSIGMASK))
  }
}
