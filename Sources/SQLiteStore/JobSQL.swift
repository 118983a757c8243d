/// The statements of jobs, in the state file.
enum JobSQL {
  /// What makes its tables, a step for each version.
  static let tables = [
    """
    CREATE TABLE job (
      number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
      client TEXT NOT NULL, identity TEXT, model TEXT NOT NULL, priority INTEGER NOT NULL, idempotency_key TEXT,
      body BLOB NOT NULL, state TEXT NOT NULL, submitted INTEGER NOT NULL, finished INTEGER,
      reply BLOB
    ) STRICT;
    CREATE UNIQUE INDEX job_key ON job (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX job_queued ON job (priority, owner, number) WHERE state = 'queued';
    CREATE INDEX job_finished ON job (finished) WHERE finished IS NOT NULL;
    CREATE INDEX job_owner ON job (owner, number);
    """
  ]

  /// Nothing happens where the owner has one of this key.
  static let insert = """
    INSERT INTO job
      (id, owner, client, identity, model, priority, idempotency_key, body, state, submitted)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?) ON CONFLICT DO NOTHING
    """

  /// Arguments: owner, key.
  static let ofKey = "\(whole) WHERE owner = ? AND idempotency_key = ?"

  static let ofID = "\(whole) WHERE id = ?"

  /// Each column by its name, in the order of `JobRow`: a file without one is a fault of the statement.
  private static let whole = """
    SELECT number, id, owner, client, identity, model, priority, idempotency_key, body,
      length(body), state, submitted, finished, reply
    FROM job
    """

  /// Without bodies. Arguments: class, owner, number, how many.
  static let queued = """
    \(listed) WHERE state = 'queued' AND priority = ? AND owner = ? AND number > ?
    ORDER BY number LIMIT ?
    """

  /// Whose jobs of which class wait, how many, and bytes of their bodies.
  static let waiting = """
    SELECT priority, owner, count(*), sum(length(body)) FROM job WHERE state = 'queued'
    GROUP BY priority, owner
    """

  /// How a job ended, once. Arguments: state, time, reply, id. The body is of no more use.
  static let finish = """
    UPDATE job SET state = ?, finished = ?, reply = ?, body = x''
    WHERE id = ? AND state = 'queued'
    """

  private static let listed = """
    SELECT number, id, owner, client, identity, model, priority, NULL, x'', length(body),
      state, submitted, finished, NULL
    FROM job
    """

  /// The latest first. Arguments: how many.
  static let all = "\(listed) ORDER BY number DESC LIMIT ?"
  /// The latest of an owner's first. Arguments: owner, how many.
  static let ofOwner = "\(listed) WHERE owner = ? ORDER BY number DESC LIMIT ?"

  /// Argument: bytes of an owner's replies that may stay, the latest of them.
  static let removeBeyond = """
    DELETE FROM job WHERE number IN (
      SELECT number FROM (
        SELECT number,
          sum(length(reply)) OVER (PARTITION BY owner ORDER BY finished DESC, number DESC) AS bytes
        FROM job WHERE finished IS NOT NULL)
      WHERE bytes > ?)
    """

  /// Argument: the time before which they were finished.
  static let removeFinished = "DELETE FROM job WHERE finished < ?"
}
