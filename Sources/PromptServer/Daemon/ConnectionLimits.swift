import PromptConfiguration
import PromptCore

/// How many connections are let in.
struct ConnectionLimits: Equatable, Sendable {
  var most: Int
  var mostForUser: Int
  /// What stands in the way of as many as are configured; nil where nothing does.
  var shortage: String?

  /// As many as configured.
  init(most: Int, mostForUser: Int) {
    self.most = most
    self.mostForUser = mostForUser
  }

  /// As many as configured, as far as the descriptors of the process suffice: a call that found none
  /// would be taken for a failure of its upstream. Half of them at least are for clients.
  init(_ configuration: Configuration, descriptors: UInt64) {
    self.init(
      most: configuration.listen.maxConnections,
      mostForUser: configuration.listen.maxConnectionsPerUser)
    let calls = configuration.upstreams.reduce(0) { $0 + $1.policy.maxConcurrent }
    let all = Int(clamping: descriptors)
    let suffices = max(all / 2, all - Self.ownDescriptors - 2 * calls)
    guard suffices < most else { return }
    shortage =
      "max_connections is \(most), and \(all) descriptors suffice for \(suffices): raise LimitNOFILE= or "
      + "ulimit -n"
    most = suffices
  }

  /// Descriptors of files, loops and sockets that are nobody's, and for root's connections.
  private static let ownDescriptors = 80
}
