import PromptCore
import PromptProtocol

extension QueuePolicy {
  /// Reads `[queue]`.
  mutating func read(_ reader: inout TableReader) {
    reader.read("max_queued", .integer(1...10_000_000), into: &maxQueued)
    reader.read("max_wait", .duration(.milliseconds(1)...(.days(30))), into: &maxWait)
    reader.read("age_step", .duration(.seconds(1)...(.days(30))), into: &ageStep)
    reader.table("share") { share in
      for held in [PriorityClass.idle, .low] {
        share.read(held.name, .number(0...1), into: &self.share[held])
      }
      for free in [PriorityClass.normal, .high, .urgent] {
        share.refuse(free.name, because: "is never held back; only idle and low have a share")
      }
    }
  }
}
