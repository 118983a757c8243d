/// How many jobs each owner has waiting, and bytes of their bodies: what one may put on the disk.
package struct JobAllowance: Equatable, Sendable {
  /// Jobs of one owner that may wait.
  package static let mostJobs = 100_000
  /// Bytes of one owner's waiting bodies: 4 GiB.
  package static let mostBytes = 4 << 30

  /// Bytes of one owner's results that are kept; the oldest go first.
  package static let mostResults = 4 << 30

  private struct Load: Equatable, Sendable {
    var jobs = 0
    var bytes = 0
  }

  private var loads: [String: Load] = [:]

  package init() {}

  /// Why an owner may have no more, with a body of so many bytes; nil where it may.
  package func refusal(of owner: String, bytes: Int) -> String? {
    guard let load = loads[owner] else { return nil }
    if load.jobs >= Self.mostJobs { return "\(Self.mostJobs) jobs of yours wait already" }
    guard bytes > Self.mostBytes - load.bytes else { return nil }
    return "the jobs of yours that wait take \(Self.mostBytes >> 30) GiB already"
  }

  /// So many more of an owner wait.
  package mutating func add(_ jobs: Int, bytes: Int, of owner: String) {
    loads[owner, default: Load()].jobs += jobs
    loads[owner, default: Load()].bytes += bytes
  }

  /// One less of an owner waits.
  package mutating func remove(bytes: Int, of owner: String) {
    guard var load = loads[owner] else { return }
    load.jobs -= 1
    load.bytes = max(0, load.bytes - bytes)
    loads[owner] = load.jobs > 0 ? load : nil
  }
}
