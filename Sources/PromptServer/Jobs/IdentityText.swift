import JSON
import PromptCore

/// Who asked, as it is kept with a job: its client's rules are found again by the same facts.
enum IdentityText {
  /// One line of JSON.
  static func text(_ identity: PeerIdentity) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("uid", Int(identity.uid))
      writer.member("user", identity.userName)
      writer.name("groups")
      writer.array { for group in identity.groups.sorted() { $0.integer(Int(group)) } }
      if let unit = identity.unit { writer.member("unit", unit) }
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Reads it; nil for anything else.
  static func identity(_ text: String) -> PeerIdentity? {
    do {
      let tree = try JSONTree(parsing: text.utf8)
      guard let uid = tree["uid"]?.int.flatMap(UInt32.init(exactly:)),
        let user = tree["user"]?.string
      else { return nil }
      let groups = (tree["groups"]?.array ?? []).compactMap {
        $0.int.flatMap(UInt32.init(exactly:))
      }
      return PeerIdentity(
        uid: uid, userName: user, groups: Set(groups), unit: tree["unit"]?.string)
    } catch {
      return nil
    }
  }
}
