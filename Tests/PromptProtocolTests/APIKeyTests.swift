import PromptProtocol
import Testing

struct APIKeyTests {
  private let key = APIKey("sk-very-secret")

  @Test func theSecretIsLentAndNeverDescribed() {
    #expect(key.withSecret { $0 } == "sk-very-secret")
    var dumped = ""
    dump(key, to: &dumped)
    dump([key] as [Any], to: &dumped)
    let texts = [
      "\(key)", String(describing: key), String(reflecting: key), String(describing: [key]),
      String(reflecting: Optional(key)), dumped,
    ]
    #expect(texts.allSatisfy { !$0.contains("secret") })
    #expect("\(key)" == "(redacted)")
  }

  @Test func theSecretIsTakenOutOfBytes() {
    let text = Array(#"{"a":"sk-very-secret","b":"Bearer sk-very-secret."}"#.utf8)
    let plain = String(decoding: key.redact(text), as: UTF8.self)
    #expect(plain == #"{"a":"(redacted)","b":"Bearer (redacted)."}"#)
  }

  @Test func aSecretWithEscapedSlashesIsTakenOutToo() {
    let text = Array(#"sk-a/b and sk-a\/b"#.utf8)
    let shown = String(decoding: APIKey("sk-a/b").redact(text), as: UTF8.self)
    #expect(shown == "(redacted) and (redacted)")
  }

  @Test func keysAreComparedByTheirSecret() {
    #expect(key == APIKey("sk-very-secret"))
    #expect(key != APIKey("sk-other"))
  }
}
