import JSON
import PromptProtocol
import SQLiteStore

/// Jobs as clients are told of them.
enum JobJSON {
  /// What `job.submit` answers.
  static func accepted(_ row: JobRow) -> [UInt8] {
    object { writer in
      writer.member("job", row.id)
      writer.member("state", row.state)
    }
  }

  /// One job, with what came of it.
  static func whole(_ row: JobRow) -> [UInt8] {
    object { writer in
      members(row, &writer)
      guard let reply = row.reply else { return }
      writer.name(row.state == JobState.done.rawValue ? "result" : "error")
      writer.raw(reply)
    }
  }

  /// Several jobs, without what came of them.
  static func list(_ rows: [JobRow]) -> [UInt8] {
    object { writer in
      writer.name("rows")
      writer.array { writer in
        for row in rows { writer.object { members(row, &$0) } }
      }
    }
  }

  private static func members(_ row: JobRow, _ writer: inout JSONWriter) {
    writer.member("job", row.id)
    writer.member("state", row.state)
    writer.member("client", row.client)
    writer.member("model", row.model)
    writer.member("class", (PriorityClass(rawValue: row.priority) ?? .idle).name)
    writer.member("submitted", Int(row.submitted))
    if let finished = row.finished { writer.member("finished", Int(finished)) }
  }

  private static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    return writer.bytes
  }
}
