import LoadGenerator

/// The requests whose answers `microbenchmarks fill` puts into a cache file: the number is the
/// user's text.
enum FilledPrompts {
  /// Calls for the entries with some numbers, in wire form.
  static func calls(_ numbers: some Sequence<Int>) throws -> RequestBook {
    let calls = numbers.lazy.map { number in
      Array(
        (#"{"jsonrpc":"2.0","id":\#(number),"method":"chat","params":"#
          + #"{"model":"sandbox/echo","messages":[{"role":"user","content":"\#(number)"}]}}"#)
          .utf8)
    }
    return try RequestBook(calls, as: .lines)
  }
}
