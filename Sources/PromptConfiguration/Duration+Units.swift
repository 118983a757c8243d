extension Duration {
  /// Days of 24 hours.
  static func days(_ count: Int64) -> Self { .seconds(count * 86_400) }

  /// Minutes of 60 seconds.
  static func minutes(_ count: Int64) -> Self { .seconds(count * 60) }
}
