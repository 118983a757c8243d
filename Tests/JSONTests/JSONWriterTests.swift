import JSON
import TestSupport
import Testing

struct JSONWriterTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func commasComeByThemselves() {
    let text = written {
      $0.object {
        $0.member("a", 1)
        $0.name("b")
        $0.array {
          $0.object { _ in }
          $0.array { _ in }
          $0.null()
          $0.bool(true)
          $0.string("x")
          $0.double(1.5)
          $0.integer(UInt64.max)
          $0.raw("[1, 2]".utf8)
        }
        $0.member("c", "d")
        $0.member("e", false)
        $0.member("f", 2.0)
      }
    }
    #expect(
      text
        == #"{"a":1,"b":[{},[],null,true,"x",1.5,18446744073709551615,[1, 2]],"c":"d","e":false,"f":2}"#
    )
  }

  @Test func onlyWhatMustBeEscapedIsEscaped() {
    #expect(
      written { $0.string("\"\\/\u{8}\t\n\u{C}\r\0\u{1F}\u{7F}é😀\u{2028}") }
        == #""\"\\/\b\t\n\f\r\u0000\u001f"# + "\u{7F}é😀\u{2028}\"")
  }

  @Test func namesAreEscapedWhereTheyAreText() {
    let name = "a\"\n"
    #expect(
      written {
        $0.object {
          $0.name(name); $0.null()
        }
      } == #"{"a\"\n":null}"#)
  }

  @Test func textFromBytesAndPlainTextAreStrings() {
    #expect(written { $0.string(utf8: "a\n".utf8) } == #""a\n""#)
    #expect(written { $0.plainString { $0.append(contentsOf: "r-1".utf8) } } == #""r-1""#)
  }

  @Test func anyTextReadsBackAsItWas() throws {
    var random = SplitMix(seed: 5)
    for _ in 0..<2_000 {
      let scalars = (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in
        Unicode.Scalar(
          UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x10FFFF), using: &random))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let json = written { $0.string(text) }
      let back = try withJSON(json) { $0.string }
      #expect(back.map { Array($0.utf8) } == Array(text.utf8))
      #expect(try canonical(json) == json)
    }
  }

  @Test func aClearedWriterBeginsAnew() {
    var writer = JSONWriter()
    writer.integer(1)
    writer.clear()
    #expect(writer.bytes.isEmpty)
    writer.integer(2)
    #expect(writer.bytes == Array("2".utf8))
  }
}
