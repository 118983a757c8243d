/// Writes compact JSON into bytes. The caller keeps brackets balanced; commas come by themselves.
package struct JSONWriter {
  /// What has been written so far.
  package var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  /// Forgets what has been written and keeps the memory, for the next document.
  package mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Writes an object whose members `body` writes.
  package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    open(UInt8(ascii: "{"))
    try body(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes an array whose elements `body` writes.
  package mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
    open(UInt8(ascii: "["))
    try body(&self)
    close(UInt8(ascii: "]"))
  }

  /// Writes a member's name; its value must follow. The name needs no escapes.
  package mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: "\":".utf8)
    needsComma = false
  }

  /// Writes a member's name that may need escapes; its value must follow.
  package mutating func name(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func string(_ text: String) {
    separate()
    appendQuoted(text)
  }

  /// Writes UTF-8 text as a string.
  package mutating func string(utf8 text: some Sequence<UInt8>) {
    separate()
    JSONStrings.appendQuoted(text, to: &bytes)
  }

  /// Writes a string whose text `body` appends; the text needs no escapes.
  package mutating func plainString(_ body: (inout [UInt8]) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    body(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func integer(_ value: some BinaryInteger) {
    separate()
    appendDigits(of: value)
  }

  /// Writes a number; one that JSON cannot hold becomes null.
  package mutating func double(_ value: Double) {
    guard value.isFinite else { return null() }
    separate()
    CanonicalNumber.append(value, to: &bytes)
  }

  package mutating func bool(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Writes bytes that are one JSON value already.
  package mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  // MARK: Pieces, for whoever writes the punctuation too

  /// Appends a piece of JSON as it is.
  package mutating func append(_ piece: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: piece.utf8Start, count: piece.utf8CodeUnitCount))
  }

  /// Appends a string with its quotes.
  package mutating func appendQuoted(_ text: String) {
    var text = text
    text.withUTF8 { JSONStrings.appendQuoted($0, to: &bytes) }
  }

  /// Appends a whole number.
  package mutating func appendDigits(of value: some BinaryInteger) {
    // Most numbers of a reply have one digit.
    if value >= 0, value < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }
}

extension JSONWriter {
  package mutating func member(_ name: StaticString, _ value: String) {
    self.name(name)
    string(value)
  }

  package mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
    self.name(name)
    integer(value)
  }

  package mutating func member(_ name: StaticString, _ value: Double) {
    self.name(name)
    double(value)
  }

  package mutating func member(_ name: StaticString, _ value: Bool) {
    self.name(name)
    bool(value)
  }
}
