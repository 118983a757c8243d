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

  /// What brings savings and calls together, in one table.
  static let union = """
    ALTER TABLE usage ADD COLUMN hits INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE usage ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE usage ADD COLUMN saved_in INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE usage ADD COLUMN saved_out INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE usage ADD COLUMN saved_milliseconds INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE usage ADD COLUMN saved_cost REAL NOT NULL DEFAULT 0;
    INSERT INTO usage SELECT day, client, '', '', '', 0, 0, 0, 0, 0, answers, 0, tokens_in,
      tokens_out, milliseconds, cost FROM saving;
    DROP TABLE saving;
    """

  /// Columns of figures, in the order of `UsageFigures`.
  static let figures = [
    "calls", "errors", "tokens_in", "tokens_out", "cost", "hits", "joined", "saved_in", "saved_out",
    "saved_milliseconds", "saved_cost",
  ]

  static let sums = figures.map { "sum(\($0))" }.joined(separator: ", ")

  static let add = """
    INSERT INTO usage
    VALUES (?, ?, ?, ?, ?\(String(repeating: ", min(?, \(most))", count: figures.count)))
    ON CONFLICT DO UPDATE SET
      \(figures.map { "\($0) = min(\($0) + excluded.\($0), \(most))" }.joined(separator: ", "))
    """

  /// The most that one figure of one row says. SQLite makes a real of a sum that is no integer any more,
  /// which the table refuses, and a sum of so many rows as there are stays an integer.
  static let most = 1 << 48

  /// All that each client used and saved.
  static let byClient = "SELECT client, \(sums) FROM usage GROUP BY client"

  /// Tokens and cost by client; argument: the day.
  static let spent = """
    SELECT client, sum(tokens_in + tokens_out), sum(cost) FROM usage WHERE day = ? GROUP BY client
    """
}
