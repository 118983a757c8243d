/// The statements of the usage ledger, in the state file.
enum UsageSQL {
  /// What makes its tables, a step for each version.
  static let tables = [
    """
    CREATE TABLE usage (
      day TEXT NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL, upstream TEXT NOT NULL,
      label TEXT NOT NULL, calls INTEGER NOT NULL, errors INTEGER NOT NULL,
      tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost REAL NOT NULL,
      PRIMARY KEY (day, client, model, upstream, label)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE saving (
      day TEXT NOT NULL, client TEXT NOT NULL, answers INTEGER NOT NULL,
      tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, milliseconds INTEGER NOT NULL,
      cost REAL NOT NULL,
      PRIMARY KEY (day, client)
    ) STRICT, WITHOUT ROWID;
    """,
  ]

  static let add = """
    INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, errors = errors + excluded.errors,
      tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,
      cost = cost + excluded.cost
    """

  static let addSaving = """
    INSERT INTO saving VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET answers = answers + excluded.answers,
      tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,
      milliseconds = milliseconds + excluded.milliseconds, cost = cost + excluded.cost
    """

  /// All that each client saved.
  static let saved = """
    SELECT client, sum(answers), sum(tokens_in), sum(tokens_out), sum(milliseconds), sum(cost)
    FROM saving GROUP BY client
    """

  /// Tokens and cost by client; argument: the day.
  static let spent = """
    SELECT client, sum(tokens_in + tokens_out), sum(cost) FROM usage WHERE day = ? GROUP BY client
    """
}
