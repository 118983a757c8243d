import JSON

/// Bodies as callers write them.
enum ChatText {
  /// A body that asks `text` of a model; `more` is put behind it, with its comma.
  static func body(
    _ text: String = "tell me a tale", model: String = "sandbox/echo", _ more: String = ""
  ) -> String {
    let message = JSONTree.object([
      .init("role", .string("user")), .init("content", .string(text)),
    ])
    return #"{"model":"\#(model)","messages":[\#(message.text)]\#(more)}"#
  }

  /// Members that ask for a stream with its usage.
  static let streaming = #","stream":true,"stream_options":{"include_usage":true}"#
}
