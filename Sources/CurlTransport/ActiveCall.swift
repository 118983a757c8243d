import CCurl

/// One call under way: what libcurl's callbacks need to know, and how far it has come.
///
/// libcurl holds an unretained pointer to it, given out in `attach`. libcurl uses the pointer only
/// inside functions of the multi handle, on the curl thread, between `curl_multi_add_handle` and
/// `curl_multi_remove_handle`; `CurlLoop` retains the call from before the one until after the
/// other, and then releases the handle, which forgets the pointer.
final class ActiveCall {
  let id: CallID
  let easy: EasyHandle
  private let clocks: CallClocks
  private let maxResponse: Int
  private let redact: Redaction
  /// The Unix socket that is called, if it is one.
  private let socket: String?
  private let alarm: Alarm
  private let events: (CallID, CallEvent) -> Void

  private var phase = CallFailure.Clock.connect
  private var phaseEnds: SuspendingClock.Instant
  private let callEnds: SuspendingClock.Instant
  private var requestsSent = 0
  private var headBytes = 0
  private var bodyBytes = 0
  private var hasResponded = false
  /// The head that is coming is that of an interim answer.
  private var isInterim = false
  /// Why a callback broke the transfer off, which libcurl's code does not tell.
  private var ownFailure: CallFailure?

  /// The longest head to take, in bytes of all interim answers, headers and trailers; libcurl's
  /// own limit, which later versions have, is 300 KiB.
  private static let maxHead = 256 * 1024

  /// Starts the clocks and fills in the handle, which is prepared; throws what libcurl refuses.
  init(
    _ request: CallRequest, easy: EasyHandle, alarm: Alarm,
    events: @escaping (CallID, CallEvent) -> Void
  ) throws(CallFailure) {
    let now = SuspendingClock.now
    id = request.id
    self.easy = easy
    clocks = request.clocks
    maxResponse = request.maxResponse
    redact = Redaction(request)
    socket = request.address.unixSocket
    self.alarm = alarm
    self.events = events
    phaseEnds = now.advanced(by: request.clocks.connect)
    callEnds = now.advanced(by: request.clocks.total)
    if let body = request.body { try easy.post(body) }
    try attach()
    setAlarm()
  }

  private func attach() throws(CallFailure) {
    let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    try easy.set(CURLOPT_PREREQDATA, pointer: context)
    try easy.set(prereqCallback: callWillSend)
    try easy.set(CURLOPT_HEADERDATA, pointer: context)
    try easy.set(CURLOPT_HEADERFUNCTION, bytesCallback: callReceivedHeader)
    try easy.set(CURLOPT_WRITEDATA, pointer: context)
    try easy.set(CURLOPT_WRITEFUNCTION, bytesCallback: callReceivedBody)
  }

  /// The clock that has run out by `now`, or nil.
  func expiredClock(at now: SuspendingClock.Instant) -> CallFailure.Clock? {
    now >= callEnds ? .total : now >= phaseEnds ? phase : nil
  }

  /// Has the alarm go off when the next clock of this call runs out.
  func setAlarm() { alarm.noLater(than: min(phaseEnds, callEnds)) }

  /// The failure of a call whose clock ran out.
  func failure(of clock: CallFailure.Clock) -> CallFailure {
    let message =
      switch clock {
      case .connect: "There was no connection within \(clocks.connect) (connect)."
      case .firstByte: "No answer began within \(clocks.firstByte) (first_byte)."
      case .idle: "The answer stood still for \(clocks.idle) (idle)."
      case .total: "The call took longer than \(clocks.total) (total)."
      }
    return CallFailure(kind: .clock(clock), message: message)
  }

  /// How a transfer ended to which libcurl gave this code.
  func end(for code: CURLcode) -> CallEnd {
    if let ownFailure { return .failed(ownFailure) }
    if code == CURLE_OK && hasResponded { return .complete }
    guard code != CURLE_OK else {
      return .failed(CallFailure(kind: .cut, message: "The connection ended without an answer."))
    }
    let kind = CallFailure.Kind(
      code: code, connected: requestsSent > 0, answered: headBytes > 0)
    if case .clock(let clock) = kind { return .failed(failure(of: clock)) }
    let words =
      code == CURLE_OUT_OF_MEMORY && kind == .tooLarge
      ? "A header of the answer is longer than libcurl takes." : redact(easy.words(for: code))
    // libcurl speaks of the host in the URL, which nobody connects to.
    let place = kind == .connect ? socket.map { " (\($0))" } ?? "" : ""
    return .failed(CallFailure(kind: kind, message: words + place))
  }

  // MARK: What libcurl calls

  /// A connection stands and the request is about to be sent; false breaks off.
  ///
  /// libcurl sends a request again, a POST too, when a kept-alive connection turns out closed.
  /// Whether to call again is not its decision, so the second time breaks off.
  fileprivate func willSend() -> Bool {
    requestsSent += 1
    guard requestsSent == 1 else {
      ownFailure = CallFailure(
        kind: .reset, message: "The upstream closed the kept-alive connection unanswered.")
      return false
    }
    enter(.firstByte, for: clocks.firstByte)
    return true
  }

  /// One line of a head or trailer came, with its line break; false breaks off.
  fileprivate func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    headBytes += line.count
    guard headBytes <= Self.maxHead else {
      return breakOff("The headers of the answer are longer than \(Self.maxHead) bytes.")
    }
    if line.starts(with: "HTTP/".utf8) { isInterim = Self.isInterim(statusLine: line) }
    // An interim answer (RFC 9110 section 15.2) is no answer yet: `first_byte` goes on.
    if !isInterim { receivedSomething() }
    let isLast = line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n")
    return isLast && !hasResponded ? finishedHead() : true
  }

  /// Decoded bytes of the body came; false breaks off.
  fileprivate func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= maxResponse - bodyBytes else {
      return breakOff(
        "The answer is longer than \(maxResponse) bytes. Raise max_response or ask for less.")
    }
    bodyBytes += bytes.count
    receivedSomething()
    if !bytes.isEmpty { events(id, .received(Array(bytes))) }
    return true
  }

  /// Whether the status is 1xx; 101 is final, for what follows it is no HTTP.
  private static func isInterim(statusLine line: UnsafeRawBufferPointer) -> Bool {
    guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return false }
    let status = line[(space + 1)...].prefix(3)
    return status.first == UInt8(ascii: "1") && !status.elementsEqual("101".utf8)
  }

  private func finishedHead() -> Bool {
    let status: Int
    do throws(CallFailure) { status = try easy.status() } catch {
      ownFailure = error
      return false
    }
    if isInterim { return true }
    hasResponded = true
    var head = ResponseHead(status: status, contentType: easy.header("Content-Type"))
    // An answer asks for no pause, and each look goes through all headers.
    if status != 200 {
      head.retryAfter = easy.header("Retry-After")
      head.retryAfterMS = easy.header("retry-after-ms")
      head.date = easy.header("Date")
    }
    events(id, .responded(head))
    return true
  }

  private func breakOff(_ message: String) -> Bool {
    ownFailure = CallFailure(kind: .tooLarge, message: message)
    return false
  }

  private func receivedSomething() {
    if phase == .idle {
      phaseEnds = .now.advanced(by: clocks.idle)
    } else {
      enter(.idle, for: clocks.idle)
    }
  }

  private func enter(_ phase: CallFailure.Clock, for duration: Duration) {
    self.phase = phase
    phaseEnds = .now.advanced(by: duration)
    setAlarm()
  }
}

/// CURLOPT_PREREQFUNCTION.
private func callWillSend(
  context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?,
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32
) -> Int32 {
  guard let context else { return CURL_PREREQFUNC_ABORT }
  let call = Unmanaged<ActiveCall>.fromOpaque(context).takeUnretainedValue()
  return call.willSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// CURLOPT_HEADERFUNCTION.
private func callReceivedHeader(
  bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
  take(bytes, size * count, context) { $0.receivedHeader($1) }
}

/// CURLOPT_WRITEFUNCTION.
private func callReceivedBody(
  bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
  take(bytes, size * count, context) { $0.receivedBody($1) }
}

/// Returns how much was taken, where too little breaks the transfer off.
private func take(
  _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
  _ receive: (ActiveCall, UnsafeRawBufferPointer) -> Bool
) -> Int {
  guard let context else { return 0 }
  let call = Unmanaged<ActiveCall>.fromOpaque(context).takeUnretainedValue()
  return receive(call, UnsafeRawBufferPointer(start: bytes, count: count))
    ? count : count ^ -1
}
