/// Takes members out of an object and puts others in, leaving every other byte as it was.
package enum JSONSplice {
  /// The bytes of `object` without the members named in `removing`, and with `adding` at the end.
  /// A member that goes takes the comma beside it along.
  package static func edit(
    _ object: JSONValue, removing: (JSONValue) -> Bool, adding: [(name: StaticString, json: String)]
  ) -> [UInt8] {
    let whole = object.raw
    let origin = object.range.lowerBound
    var output: [UInt8] = [UInt8(ascii: "{")]
    output.reserveCapacity(whole.count + 64)
    var isFirst = true
    // Each member brings the bytes from the end of the one before it: its comma and white space.
    var previousEnd = 1
    for (name, value) in object.members {
      let end = value.range.upperBound - origin
      defer { previousEnd = end }
      if removing(name) { continue }
      var lead = UnsafeRawBufferPointer(
        rebasing: whole[previousEnd..<(name.range.lowerBound - origin)])
      if isFirst, let comma = lead.firstIndex(of: UInt8(ascii: ",")) {
        lead = UnsafeRawBufferPointer(rebasing: lead[(comma + 1)...])
      }
      isFirst = false
      output.append(contentsOf: lead)
      output.append(contentsOf: whole[(name.range.lowerBound - origin)..<end])
    }
    for (name, json) in adding {
      output.append(contentsOf: "\(isFirst ? "" : ",")\"\(name)\":\(json)".utf8)
      isFirst = false
    }
    output.append(contentsOf: whole[previousEnd...])
    return output
  }
}
