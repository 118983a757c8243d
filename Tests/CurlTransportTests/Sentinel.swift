/// Does something when nobody holds it any more.
final class Sentinel: Sendable {
  private let gone: @Sendable () -> Void
  init(gone: @escaping @Sendable () -> Void) { self.gone = gone }
  deinit { gone() }
}
