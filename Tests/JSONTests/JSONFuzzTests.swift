import Foundation
import JSON
import TestSupport
import Testing

/// Mutations of good documents, judged beside Foundation's parser.
struct JSONFuzzTests {
  private static let seeds = [
    JSONParserTests.sample,
    #"{"model":"m","messages":[{"role":"user","content":"hi\n\"\\"}],"seed":7,"stream":true}"#,
    #"[[],{},"",0,-1.5e-7,[{"a":{"b":[null,true,false]}}],"\u00e9\ud83d\ude00é😀"]"#,
    " { \"a\" : [ 1 , 2 , 3 ] ,\r\n\t\"b\" : \"\\/\\b\\f\" } ",
  ]

  private static let tokens = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "null", "true", "1e5",
    "-", "0", ".", "e", "\n", " ", "\"a\":", "[[[[", "]]]]", "1e400", "18446744073709551616",
  ].map { Array($0.utf8) }

  private static func mutated(_ random: inout SplitMix) -> [UInt8] {
    var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 0...4, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
      case 2: bytes.replaceSubrange(place..<end, with: tokens.randomElement(using: &random) ?? [])
      case 3: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
      default: bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }

  @Test(arguments: [UInt64](1...4))
  func mutatedDocumentsGetTheVerdictThatFoundationGives(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var taken = 0
    for round in 0..<10_000 {
      let bytes = Self.mutated(&random)
      let place: Comment = "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))"
      let theirs = Result {
        try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      }
      do {
        let own = try JSONTree(parsing: bytes)
        taken += 1
        #expect(Self.same(own, try theirs.get()), place)
        try Self.exercise(bytes, own)
      } catch let error as JSONError {
        if Self.isComparable(error, bytes), case .success = theirs {
          Issue.record("Foundation takes what we refuse. \(place)")
        }
      }
    }
    #expect(taken > 500)
  }

  /// Foundation guesses at UTF-16 where there are NUL bytes, forgives a trailing comma, and has
  /// other limits.
  private static func isComparable(_ error: JSONError, _ bytes: [UInt8]) -> Bool {
    guard error.description.hasPrefix("is malformed"), !bytes.contains(0) else { return false }
    let dense = bytes.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return !zip(dense, dense.dropFirst()).contains {
      ($0, $1) == (0x2C, 0x5D) || ($0, $1) == (0x2C, 0x7D)
    }
  }

  /// Whatever is taken can be made canonical, spliced and read back.
  private static func exercise(_ bytes: [UInt8], _ tree: JSONTree) throws {
    try JSONParser().withDocument(of: bytes) { root in
      var form: [UInt8] = []
      CanonicalJSON.append(root, to: &form)
      var again: [UInt8] = []
      try JSONParser().withDocument(of: form) { CanonicalJSON.append($0, to: &again) }
      #expect(form == again)
      #expect(try JSONTree(parsing: tree.text.utf8) == tree)
      guard root.kind == .object else { return }
      var keep = false
      let spliced = JSONSplice.edit(
        root,
        removing: { _ in
          keep.toggle()
          return keep
        }, adding: [])
      let kept = (tree.members ?? []).enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      #expect(try JSONTree(parsing: spliced) == .object(kept))
    }
  }

  private static func same(_ own: JSONTree, _ theirs: Any) -> Bool {
    switch own {
    case .null: return theirs is NSNull
    case .bool(let value): return (theirs as? NSNumber)?.boolValue == value
    case .number:
      // Foundation reads some long numbers as decimals and rounds twice.
      guard let own = own.double, let theirs = (theirs as? NSNumber)?.doubleValue else {
        return false
      }
      return abs(own - theirs) <= abs(own) * 1e-14
    case .string(let text):
      return (theirs as? String).map { Array($0.utf8) == Array(text.utf8) } == true
    case .array(let elements):
      guard let array = theirs as? [Any], array.count == elements.count else { return false }
      return zip(elements, array).allSatisfy { same($0, $1) }
    case .object(let members):
      guard let object = theirs as? [String: Any] else { return false }
      // Foundation takes canonically equivalent names for one name.
      guard Set(members.map(\.name)).count == members.count else { return true }
      return object.count == members.count
        && members.allSatisfy { member in object[member.name].map { same(member.value, $0) } == true
        }
    }
  }
}
