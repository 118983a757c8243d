extension Duration {
  /// The milliseconds of a duration that is not negative, rounded up, at most `Int.max`.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1000)
    return overflows ? Int.max : Int(clamping: whole.addingReportingOverflow(fraction).partialValue)
  }
}
