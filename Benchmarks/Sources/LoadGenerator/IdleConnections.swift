import Glibc

/// Connections that say nothing, closed with the last reference.
package final class IdleConnections {
  private var descriptors: [Int32] = []

  /// Makes so many; throws `.system` where one is refused.
  package init(_ count: Int, to endpoint: Endpoint) throws(LoadError) {
    descriptors.reserveCapacity(count)
    for _ in 0..<count { descriptors.append(try endpoint.connect()) }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  /// How many the server has not closed or written to.
  package var quietCount: Int {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    poll(&entries, nfds_t(entries.count), 0)
    return entries.count { $0.revents == 0 }
  }
}
