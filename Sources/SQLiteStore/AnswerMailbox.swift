/// Orders on their way to the writer, grouped as they come in and bounded by bytes.
struct AnswerMailbox: Sendable {
  /// Orders of one transaction at most: 256 amortise well what each of them writes besides, and keep it
  /// in the low tens of milliseconds.
  static let batchLimit = 256

  /// Bytes of orders waiting or being written, at most; what is over finds no room.
  let limit: Int
  private var batches: [[WriteOrder]] = []
  /// Bytes of orders waiting or taken and not settled.
  private(set) var bytes = 0

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { batches.isEmpty }

  /// Takes in an order, or says false when there is no room for it.
  ///
  /// One that is larger than the limit is taken in when nothing else waits, or it never could be.
  mutating func post(_ order: WriteOrder) -> Bool {
    guard bytes == 0 || order.bytes <= limit - bytes else { return false }
    if batches.last.map({ $0.count == Self.batchLimit }) ?? true { batches.append([]) }
    batches[batches.count - 1].append(order)
    bytes += order.bytes
    return true
  }

  /// Takes out the oldest batch, whose bytes still count until it is settled.
  mutating func take() -> [WriteOrder] { batches.isEmpty ? [] : batches.removeFirst() }

  /// Frees the bytes of a batch that was stored or given up.
  mutating func settled(_ batch: [WriteOrder]) { bytes -= batch.reduce(0) { $0 + $1.bytes } }
}
