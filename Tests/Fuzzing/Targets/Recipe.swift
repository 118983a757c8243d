/// Reads an input as a row of decisions, for documents and cuts that bytes at random would never make.
struct Recipe {
  private var rest: ArraySlice<UInt8>

  init(_ input: ArraySlice<UInt8>) { rest = input }

  /// Nothing is left to decide by; every further decision is 0.
  var isUsedUp: Bool { rest.isEmpty }

  /// The next decision.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number below `end`, which is at most 256.
  mutating func number(below end: Int) -> Int { Int(byte()) % end }

  /// One of these.
  mutating func choice<Element>(of elements: [Element]) -> Element {
    elements[number(below: elements.count)]
  }

  /// Some bytes as they are.
  mutating func bytes() -> [UInt8] {
    let count = Int(byte()) % 16
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Cuts bytes into pieces of a few bytes, some of them empty.
  mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var place = 0
    while place < bytes.count, !isUsedUp {
      let end = min(bytes.count, place + number(below: 24))
      pieces.append(Array(bytes[place..<end]))
      place = end
    }
    return pieces + [Array(bytes[place...])]
  }
}
