import Logging
import PromptCore
import PromptProtocol
import SQLiteStore
import Systemd

/// Writes what is worth knowing into the journal: facts, never prompts, answers or keys.
struct CallLog: Sendable {
  let logger: Logger

  init(_ logger: Logger) { self.logger = logger }

  /// One entry for each upstream call.
  func note(_ record: CallRecord) {
    guard let error = record.error else {
      return logger.log(.info, "call ended", later: { Self.fields(of: record) })
    }
    if error == .cancelled || error == .shuttingDown {
      logger.log(.info, "call given up", later: { Self.fields(of: record) })
    } else if record.isRetried {
      logger.log(.info, "call failed, and is tried again", later: { Self.fields(of: record) })
    } else {
      logger.log(.warning, "call failed", later: { Self.fields(of: record) })
    }
  }

  private static func fields(of record: CallRecord) -> [(LogField, String)] {
    var fields: [(LogField, String)] = [
      (.request, record.request.description), (.client, record.client),
      (.upstream, record.upstream), (.model, record.model), (.priority, record.priority.name),
      (.attempts, String(record.attempt)), (.cache, record.cache.rawValue),
      (.queuedMS, String(record.queued)), (.upstreamMS, String(record.upstreamTime)),
    ]
    func add(_ field: LogField, _ value: String?) {
      if let value { fields.append((field, value)) }
    }
    add(.firstByteMS, record.firstByte.map { String($0) })
    if record.error == nil {
      add(.tokensIn, String(record.tokens.prompt))
      add(.tokensOut, String(record.tokens.completion))
    }
    add(.status, record.status.map { String($0) })
    add(.error, record.error?.rawValue)
    let reason = record.notStored.map { "not stored: \($0.rawValue)" }
    add(.detail, record.error == nil ? reason : record.message)
    add(.uid, record.asker.uid.map { String($0) })
    add(.unit, record.asker.unit)
    add(.label, record.label)
    add(.key, record.key.hex)
    return fields
  }

  /// One entry for an answer that no call was made for.
  func note(_ answer: CachedAnswer, _ info: ReplyInfo, to asker: Asker) {
    var fields: [LogField: String] = [.model: answer.model]
    fields[.request] = info.request?.description
    fields[.client] = info.client
    fields[.uid] = asker.uid.map { String($0) }
    fields[.unit] = asker.unit
    fields[.cache] = info.cache?.rawValue
    fields[.key] = info.key?.hex
    fields[.priority] = info.priority?.name
    fields[.queuedMS] = info.queued.map { String($0) }
    logger.log(.debug, "answered", fields)
  }

  /// One entry for each pause of upstreams and each end of one.
  func note(_ isPaused: Bool, _ upstreams: [String], by client: String) {
    logger.log(
      isPaused ? .queuePaused : .queueResumed,
      [.upstream: upstreams.joined(separator: ","), .client: client])
  }

  /// One entry where fewer connections are let in than configured.
  func note(_ limits: ConnectionLimits) {
    guard let shortage = limits.shortage else { return }
    logger.log(.warning, "fewer connections than configured", [.detail: shortage])
  }

  /// One entry for each purge of the cache that removed anything.
  func notePurge(memory: Int, disk: Int, by client: String) {
    guard memory + disk > 0 else { return }
    logger.log(
      .cachePurged,
      [.client: client, .detail: "\(memory) answers in memory and \(disk) on disk"])
  }

  /// One entry when usage cannot be written, and one when it can again.
  func note(usageFault fault: String?) {
    if let fault {
      logger.log(.usageNotWritten, [.detail: fault])
    } else {
      logger.log(.usageWritten)
    }
  }

  /// One entry when jobs cannot be written, and one when they can again.
  func note(jobFault fault: String?) {
    if let fault {
      logger.log(.jobsNotWritten, [.detail: fault])
    } else {
      logger.log(.jobsWritten)
    }
  }

  /// One entry for each change in the health of the disk tier.
  func note(_ condition: StoreCondition) {
    switch condition {
    case .degraded(let reason): logger.log(.cacheDegraded, [.detail: reason])
    case .recovered: logger.log(.cacheRecovered)
    case .movedAside(let path):
      logger.log(.cacheMovedAside, [.detail: "moved to \(path), and an empty one begun"])
    }
  }
}
