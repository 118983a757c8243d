/// The latest of a row of figures, each as a bar of up to eight steps.
enum Sparkline {
  private static let steps = Array("▁▂▃▄▅▆▇█")

  /// The last `width` figures, as high as they are beside `most`, the greatest of them unless given;
  /// what is not known is a blank.
  static func text(_ figures: [Double?], width: Int, most: Double? = nil) -> String {
    let shown = figures.suffix(max(0, width))
    let top = most ?? shown.compactMap { $0 }.max() ?? 0
    let bars = shown.map { figure -> Character in
      guard let figure else { return " " }
      guard top > 0, figure > 0 else { return steps[0] }
      let step = Int(figure / top * Double(steps.count - 1) + 0.5)
      return steps[min(max(0, step), steps.count - 1)]
    }
    return String(repeating: " ", count: max(0, width - bars.count)) + String(bars)
  }
}
