/// One connection of a run.
struct Client {
  /// Negative once it is closed.
  var descriptor: Int32
  /// Requests that were taken for it and are not answered.
  var outstanding = 0
  /// Where in the ring of its requests' times the oldest stands.
  var oldest = 0
  /// What the socket did not take yet.
  var unsent = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Whether it is watched for room to send.
  var waitsToSend = false
  /// Whether it stands in the line of those that can take another request.
  var isFree = false

  /// Whether it is connected.
  var isOpen: Bool { descriptor >= 0 }
}
