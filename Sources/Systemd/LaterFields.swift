package import Logging

/// Fields of an entry that are worked out where it is written, on the journal thread: whoever logs
/// has better things to do.
package struct LaterFields: CustomStringConvertible, Sendable {
  let make: @Sendable () -> [(LogField, String)]

  /// The key under which swift-log's metadata carries them.
  static let key = "fields"

  /// What carries them through swift-log, which knows of values that are made into text late.
  var metadata: Logger.Metadata { [Self.key: .stringConvertible(self)] }

  /// What an event carries, if nothing else is in its metadata.
  package init?(alone metadata: Logger.Metadata?) {
    guard let metadata, metadata.count == 1,
      case .stringConvertible(let value) = metadata[Self.key], let fields = value as? Self
    else { return nil }
    self = fields
  }

  init(_ make: @escaping @Sendable () -> [(LogField, String)]) { self.make = make }

  /// The fields by the names that the journal knows them by.
  package var named: [(name: String, value: String)] {
    make().map { (name: $0.0.rawValue, value: $0.1) }
  }

  package var description: String {
    named.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
  }
}
