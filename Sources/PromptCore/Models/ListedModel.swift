/// One model of an upstream's list, as the upstream wrote it.
package struct ListedModel: Equatable, Sendable {
  package var id: String
  /// A compact JSON object.
  package var json: [UInt8]

  package init(id: String, json: [UInt8]) {
    self.id = id
    self.json = json
  }
}
