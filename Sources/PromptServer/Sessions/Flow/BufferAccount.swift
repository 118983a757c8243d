import PromptProtocol

/// What one connection has waiting, as the ledger knows it; it belongs to the connection's loop.
final class BufferAccount {
  private let ledger: BufferLedger
  private let share: BufferLedger.Share
  private var counted = 0

  /// Smaller amounts are not counted, so that ordinary traffic touches nothing that is shared.
  private static let step = 16 << 10

  /// An empty account of `owner`.
  init(_ ledger: BufferLedger, owner: Owner) {
    self.ledger = ledger
    share = ledger.share(of: owner)
  }

  deinit { if counted != 0 { ledger.add(-counted, to: share) } }

  /// So many bytes wait now.
  func hold(_ bytes: Int) {
    let rounded = bytes / Self.step * Self.step
    guard rounded != counted else { return }
    ledger.add(rounded - counted, to: share)
    counted = rounded
  }

  /// Whether nothing more may wait.
  var isFull: Bool { ledger.isFull(for: share) }

  /// The refusal of what finds no room.
  static var refusal: WireError {
    var error = WireError(
      .queueFull,
      "max_buffered is reached: too many bytes of requests and unread replies wait; read replies "
        + "faster, or try again later")
    error.info.retryAfter = 1
    return error
  }
}
