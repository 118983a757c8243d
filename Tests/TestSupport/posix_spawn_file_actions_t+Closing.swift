import Glibc

extension posix_spawn_file_actions_t {
  /// Closes this descriptor and all after it in the program to start, which would hold the
  /// connections of other tests open.
  mutating func closeDescriptors(from first: Int32) {
    // One more than the greatest that tests have, within what the system allows.
    let limit = Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4096))
    for number in first..<limit { posix_spawn_file_actions_addclose(&self, number) }
  }
}
