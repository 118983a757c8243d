/// A job as it is on disk.
package struct JobRow: Equatable, Sendable {
  /// Counts up in the order in which jobs were submitted; 0 before it is there.
  package var number: Int64 = 0
  package var id: String
  /// Whose it is.
  package var owner: String
  package var client: String
  /// Who asked, by which its client's rules are found again; nil for whoever showed a token.
  package var identity: String?
  package var model: String
  /// The class that it waits in, as a number.
  package var priority: Int
  /// What makes a second submission of the same owner the same job.
  package var idempotencyKey: String?
  /// The request's body; empty where it was not asked for.
  package var body: [UInt8]
  /// Its bytes.
  package var bodyBytes: Int
  /// `queued`, or how it ended.
  package var state: String
  /// Milliseconds since 1970.
  package var submitted: Int64
  package var finished: Int64?
  /// What the client gets, as JSON; nil before the end, or where it was not asked for.
  package var reply: [UInt8]?

  package init(
    id: String, owner: String, client: String, identity: String?, model: String, priority: Int,
    idempotencyKey: String?, body: [UInt8], submitted: Int64
  ) {
    self.id = id
    self.owner = owner
    self.client = client
    self.identity = identity
    bodyBytes = body.count
    self.model = model
    self.priority = priority
    self.idempotencyKey = idempotencyKey
    self.body = body
    self.submitted = submitted
    state = "queued"
  }
}
