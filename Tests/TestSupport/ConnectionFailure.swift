/// Nothing came, or the connection broke.
package struct ConnectionFailure: Error, CustomStringConvertible {
  package var description: String

  package init(description: String) { self.description = description }
}
