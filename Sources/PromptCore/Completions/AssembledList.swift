import JSON

/// The elements of a list that comes in pieces. One is continued only where it says which it is.
struct AssembledList: Sendable {
  private var elements: [AssembledValue] = []
  /// Where the element of each index is: to look for it among a million would hold up everybody's calls.
  private var places: [Int: Int] = [:]

  init(_ list: JSONValue) { add(list) }

  /// Adds what a later chunk says of it.
  mutating func add(_ list: JSONValue) {
    for element in list.elements {
      guard element.kind == .object, let index = element["index"]?.int else {
        elements.append(.other(Array(element.raw)))
        continue
      }
      if let known = places[index] {
        elements[known].add(element)
      } else {
        places[index] = elements.count
        elements.append(AssembledValue(element))
      }
    }
  }

  func write(to writer: inout JSONWriter) {
    writer.array { for value in elements { value.write(to: &$0) } }
  }
}
