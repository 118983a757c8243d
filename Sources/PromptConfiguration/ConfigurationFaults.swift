/// Everything that is wrong with the configuration, in the order of reading; never empty.
package struct ConfigurationFaults: Error, Hashable, Sendable, CustomStringConvertible {
  package var faults: [ConfigurationFault]

  /// Faults, at least one.
  package init(faults: [ConfigurationFault]) { self.faults = faults }

  /// One line for each fault.
  package var description: String { faults.map(\.description).joined(separator: "\n") }
}
