/// Every statement that touches the answers.
enum AnswerSQL {
  /// How schema version n becomes n + 1, by position; a step is never changed once released.
  static let migrations = [
    """
    CREATE TABLE answer (
      id INTEGER PRIMARY KEY,
      key BLOB NOT NULL,
      variant BLOB NOT NULL,
      origin TEXT NOT NULL,
      model TEXT NOT NULL,
      client TEXT NOT NULL,
      created INTEGER NOT NULL,
      expires INTEGER NOT NULL,
      used INTEGER NOT NULL,
      prompt_tokens INTEGER NOT NULL,
      completion_tokens INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      boundaries BLOB,
      answer BLOB NOT NULL,
      request BLOB, -- last, so that a read never walks over its pages
      UNIQUE (key, variant)
    ) STRICT;
    CREATE INDEX answer_expires ON answer (expires);
    CREATE INDEX answer_used ON answer (used);

    -- count(*) walks an index from end to end: this knows at once.
    CREATE TABLE tally (entries INTEGER NOT NULL) STRICT;
    INSERT INTO tally VALUES (0);
    CREATE TRIGGER answer_inserted AFTER INSERT ON answer
      BEGIN UPDATE tally SET entries = entries + 1; END;
    CREATE TRIGGER answer_deleted AFTER DELETE ON answer
      BEGIN UPDATE tally SET entries = entries - 1; END;
    """,
    """
    -- What the call took in milliseconds, and what it cost: that is what a hit saves.
    ALTER TABLE answer ADD COLUMN took INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE answer ADD COLUMN cost REAL NOT NULL DEFAULT 0;
    """,
  ]

  /// What is known of an entry, in the order of `AnswerRow`.
  static let columns = """
    id, key, variant, origin, model, client, created, expires, prompt_tokens, completion_tokens,
      took, cost, \(rowBytes)
    """

  /// The same with everything that a request needs.
  private static let servedColumns = columns + ", checksum, boundaries, answer"

  /// The same with everything.
  static let wholeColumns = servedColumns + ", request"

  /// Arguments: key, variant.
  static let read = "SELECT \(servedColumns) FROM answer WHERE key = ? AND variant = ?"

  /// A page of all entries, from an index alone; arguments: the key and the variant of the last before
  /// it, how many.
  static let stock = """
    SELECT key, variant FROM answer WHERE (key, variant) > (?, ?) ORDER BY key, variant LIMIT ?
    """

  /// Whole entries of a model among those that were used last; arguments: how many, the model.
  static let recent = """
    SELECT \(wholeColumns) FROM answer
    WHERE id IN (SELECT id FROM answer ORDER BY used DESC LIMIT ?) AND model = ?
    """

  /// Arguments: the columns in the order written here.
  static let store = """
    INSERT INTO answer (key, variant, origin, model, client, created, expires, used, prompt_tokens,
      completion_tokens, checksum, boundaries, answer, request, took, cost)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key, variant) DO UPDATE SET
      origin = excluded.origin, model = excluded.model, client = excluded.client,
      created = excluded.created, expires = excluded.expires, used = excluded.used,
      prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
      checksum = excluded.checksum, boundaries = excluded.boundaries, answer = excluded.answer,
      request = excluded.request, took = excluded.took, cost = excluded.cost
    """

  /// Arguments: id, checksum.
  static let removeDamaged = "DELETE FROM answer WHERE id = ? AND checksum = ?"

  /// Arguments: time, key, variant, the latest last use that is old enough to be replaced.
  static let noteUse = "UPDATE answer SET used = ? WHERE key = ? AND variant = ? AND used <= ?"

  /// Rows that go first, with about the bytes each one frees; arguments: now, count.
  static let expired = """
    SELECT id, \(rowBytes) FROM answer WHERE expires <= ? ORDER BY expires LIMIT ?
    """

  /// Rows that go next, with about the bytes each one frees; arguments: now, count.
  ///
  /// The plus keeps SQLite from walking `answer_expires`, which would have to sort every row.
  static let leastRecentlyUsed = """
    SELECT id, \(rowBytes) FROM answer WHERE +expires > ? ORDER BY used LIMIT ?
    """

  /// Lengths come from a row's header: no blob is loaded for them.
  static let rowBytes =
    "length(answer) + coalesce(length(boundaries), 0) + coalesce(length(request), 0) + 512"

  /// Arguments: key, variant.
  static let removeEntry = "DELETE FROM answer WHERE key = ? AND variant = ?"

  /// Argument: id.
  static let remove = "DELETE FROM answer WHERE id = ?"

  static let lastID = "SELECT max(id) FROM answer"
  static let entries = "SELECT entries FROM tally"
  static let pageSize = "PRAGMA page_size"
  static let pageCount = "PRAGMA page_count"
  static let dataVersion = "PRAGMA data_version"
  static let freePageCount = "PRAGMA freelist_count"

  /// What a writing connection needs; `auto_vacuum` only works before a new file's first page.
  ///
  /// There is no memory mapping: a read error inside a mapping is a SIGBUS and not an error.
  static let writerSettings = """
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    -- What a crash of the machine may take with it is a cache.
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = 16777216;
    -- As many pages as that: a page that changes often is written back once for many changes.
    PRAGMA wal_autocheckpoint = 4000;
    """

  /// Gives at most `pages` free pages back to the disk.
  static func vacuum(pages: Int) -> String { "PRAGMA incremental_vacuum(\(pages))" }
}
