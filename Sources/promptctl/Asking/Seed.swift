import ArgumentParser

/// A seed as it was written: any whole number from -2^63 to 2^64-1.
struct Seed: ExpressibleByArgument, Equatable {
  let text: String

  init?(argument: String) {
    guard Int64(argument) != nil || UInt64(argument) != nil, !argument.hasPrefix("+") else {
      return nil
    }
    text = argument
  }
}
