import PromptCore
import PromptProtocol

extension ClientRule {
  /// Reads one `[[client]]`; nil where it is for nobody.
  static func read(_ reader: inout TableReader, accounts: Accounts) -> Self? {
    var match = ClientMatch()
    var grant = ClientGrant()
    reader.read("name", .name, into: &grant.name)
    reader.read("user", .user(accounts), into: &match.user)
    reader.read("group", .group(accounts), into: &match.group)
    reader.read("unit", .glob, into: &match.unit)
    let isUnitOnly =
      reader.contains("unit") && !reader.contains("user") && !reader.contains("group")
    grant.readRights(&reader)
    grant.readRank(&reader, atMost: isUnitOnly ? .high : .urgent)
    if isUnitOnly {
      for key in ClientGrant.rightsKeys where reader.contains(key) {
        reader.fault(
          key,
          "cannot be given by unit alone, for a process may fake its unit: only name, priority, "
            + "max_priority and weight can; add user or group")
      }
    }
    guard ["user", "group", "unit"].contains(where: { reader.contains($0) }) else {
      reader.fault("needs one of user, group and unit, to say whom it is for")
      return nil
    }
    return Self(match: match, grant: grant)
  }
}

extension ClientGrant {
  /// The keys that authorise, which take more than a unit's name.
  fileprivate static let rightsKeys = [
    "max_in_flight", "max_queued", "requests_per_minute", "tokens_per_minute", "tokens_per_day",
    "cost_per_day", "models", "cache", "admin",
  ]

  /// Reads `[default_client]`, which has no name and no match.
  mutating func readDefault(_ reader: inout TableReader) {
    reader.refuse(
      "name", because: "whoever fits no rule is named after the user; take it out")
    for key in ["user", "group", "unit"] {
      reader.refuse(key, because: "belongs into a [[client]] rule; this is for everybody else")
    }
    readRights(&reader)
    readRank(&reader, atMost: .urgent)
  }

  /// Reads what ranks a client among others, after what it may do: administrators may ask for more.
  fileprivate mutating func readRank(_ reader: inout TableReader, atMost best: PriorityClass) {
    reader.read("priority", .priority, into: &priority)
    reader.read("max_priority", .priority, into: &maxPriority)
    reader.read("weight", .integer(1...1000), into: &weight)
    if let maxPriority, maxPriority > best {
      reader.fault(
        "max_priority", "can be \(best.name) at most by unit alone; add user or group")
    }
    guard let priority else { return }
    if let maxPriority, priority > maxPriority {
      reader.fault(
        "priority",
        "\(priority.name) is above max_priority, which is \(maxPriority.name); lower it, or raise "
          + "max_priority"
      )
    } else if !reader.contains("max_priority"), priority > Self.defaultMaxPriority(admin: admin) {
      reader.fault(
        "priority",
        "\(priority.name) is above max_priority, which is high where it is not written")
    }
  }

  /// Reads what a client may use and do.
  fileprivate mutating func readRights(_ reader: inout TableReader) {
    reader.read("max_in_flight", .limit, into: &limits.maxInFlight)
    reader.read("max_queued", .limit, into: &limits.maxQueued)
    reader.read("requests_per_minute", .limit, into: &limits.requestsPerMinute)
    reader.read("tokens_per_minute", .limit, into: &limits.tokensPerMinute)
    reader.read("tokens_per_day", .limit, into: &limits.tokensPerDay)
    reader.read("cost_per_day", .budget, into: &limits.costPerDay)
    reader.read("models", .globs, into: &models)
    reader.read("cache", .choice(), into: &cacheScope)
    reader.read("admin", .flag, into: &admin)
  }
}
