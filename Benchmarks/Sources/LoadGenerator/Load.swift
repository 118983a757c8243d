/// What is asked of a server, by how many clients at once.
package struct Load: Sendable {
  /// Who is asked.
  package var endpoint: Endpoint
  /// What is asked, from the first to the last and then anew.
  package var requests: RequestBook
  /// Connections, at least one, made before the first request.
  package var connections = 1
  /// Requests in flight on each connection.
  package var depth = 1
  /// Whether requests that can be sent at the same time go out in one send(2), or each in its own,
  /// as from a program that writes a line whenever it has one.
  package var gathers = false
  /// When requests are sent.
  package var pace = Pace.closed
  /// When it ends.
  package var length: Length
  /// Answers before those that count.
  package var warmUp = 0
  /// Seconds without an answer after which the server counts as stuck.
  package var patience = 30

  /// One connection with one request in flight, and no warm-up.
  package init(_ endpoint: Endpoint, _ requests: RequestBook, _ length: Length) {
    self.endpoint = endpoint
    self.requests = requests
    self.length = length
  }

  /// Drives the load on this thread. Throws where a connection cannot be made or the server is
  /// silent; answers that are errors are counted, see `LoadFigures.checked`.
  package func run() throws(LoadError) -> LoadFigures {
    switch requests.dialect {
    case .lines: try LoadRun(self, LineScanner()).run()
    case .streamedLines: try LoadRun(self, StreamedLineScanner()).run()
    case .http: try LoadRun(self, HTTPScanner()).run()
    }
  }
}
