/// Lines of a batch that have the same body: one is asked, and the others have what came of it.
struct BatchCopies {
  /// How a line is to be asked.
  enum Attempt: Equatable, Sendable {
    /// As the first of its body in this run.
    case first
    /// Its body's job of this number is over, and holds the result.
    case again(Int)
  }

  /// By the digest of the body: names of lines that wait for another's result.
  private var waiting: [BodyDigest: [String]] = [:]
  /// By the digest of the body: as which of its jobs it was asked in this run.
  private var over: [BodyDigest: Int] = [:]

  /// A line comes; nil if it has its result when another has.
  mutating func began(_ digest: BodyDigest, _ name: String) -> Attempt? {
    if waiting[digest] != nil {
      waiting[digest]?.append(name)
      return nil
    }
    waiting[digest] = []
    return over[digest].map(Attempt.again) ?? .first
  }

  /// A line has its result, as the so-manieth job of its body unless it was refused; returns the names
  /// of the lines that have it too.
  mutating func ended(_ digest: BodyDigest, attempt: Int?) -> [String] {
    if let attempt { over[digest] = attempt }
    return waiting.removeValue(forKey: digest) ?? []
  }
}
