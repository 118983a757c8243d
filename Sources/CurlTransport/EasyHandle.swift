import CCurl

/// One of libcurl's transfers, which serves one call after another.
final class EasyHandle {
  /// libcurl's own handle; valid as long as this object.
  let pointer: UnsafeMutableRawPointer
  /// Where libcurl writes what went wrong; freed after the handle that writes there.
  private let errorText: UnsafeMutablePointer<CChar>
  /// Of `CurlLoop`, when it was prepared.
  var generation = 0
  /// What it is configured for; nil for nothing.
  private var setup: CallSetup?
  /// Lives until libcurl has forgotten it.
  private var headers: HeaderList?

  /// Throws `.internalFault` when libcurl has no memory.
  init() throws(CallFailure) {
    guard let pointer = curl_easy_init() else {
      throw CallFailure(
        kind: .internalFault, message: "libcurl gave no easy handle. Restart promptd.")
    }
    self.pointer = pointer
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(pointer)
    errorText.deallocate()
  }

  /// Whether it is configured for such calls already.
  func isReady(for setup: CallSetup) -> Bool { self.setup == setup }

  /// Configures it for such calls; throws what libcurl refuses.
  func prepare(for setup: CallSetup, userAgent: String) throws(CallFailure) {
    reset()
    let headers = try HeaderList(for: setup)
    try configure(for: setup, headers: headers, userAgent: userAgent)
    self.headers = headers
    self.setup = setup
  }

  /// Forgets the call that it has served, its body and every pointer to it; the options that calls to
  /// one upstream share stay for the next, and so do TLS sessions.
  func release() {
    errorText.pointee = 0
    do throws(CallFailure) {
      for option in [CURLOPT_PREREQDATA, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA] {
        try set(option, pointer: nil)
      }
      // This frees libcurl's copy.
      if setup?.hasBody == true { try set(CURLOPT_POSTFIELDS, pointer: nil) }
    } catch {
      reset()
    }
  }

  /// Forgets every option and with them all pointers to a call, but no TLS session.
  private func reset() {
    curl_easy_reset(pointer)
    errorText.pointee = 0
    setup = nil
    headers = nil
  }

  /// What libcurl says about `code`: the details if it gave any, else the code's general words.
  func words(for code: CURLcode) -> String {
    guard errorText.pointee == 0 else { return String(cString: errorText) }
    return String(cString: curl_easy_strerror(code))
  }

  /// Lets `words(for:)` have details.
  func keepErrorText() throws(CallFailure) {
    try set(CURLOPT_ERRORBUFFER, pointer: errorText)
  }

  func set(_ option: CURLoption, _ value: Int) throws(CallFailure) {
    try check(curl_shim_easy_set_long(pointer, option, value))
  }

  func set(_ option: CURLoption, _ value: String) throws(CallFailure) {
    try check(curl_shim_easy_set_string(pointer, option, value))
  }

  func set(_ option: CURLoption, pointer value: UnsafeRawPointer?) throws(CallFailure) {
    try check(curl_shim_easy_set_pointer(pointer, option, value))
  }

  func set(
    _ option: CURLoption, bytesCallback: @escaping curl_write_callback
  ) throws(CallFailure) {
    try check(curl_shim_easy_set_bytes_callback(pointer, option, bytesCallback))
  }

  func set(prereqCallback: @escaping curl_prereq_callback) throws(CallFailure) {
    try check(curl_shim_easy_set_prereq_callback(pointer, prereqCallback))
  }

  func set(closeCallback: @escaping curl_closesocket_callback) throws(CallFailure) {
    try check(curl_shim_easy_set_close_callback(pointer, closeCallback))
  }

  /// Makes it a POST of a copy of `body`; the size goes first, or libcurl would look for a NUL.
  func post(_ body: [UInt8]) throws(CallFailure) {
    try check(
      curl_shim_easy_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    let code = body.withUnsafeBytes { bytes in
      // An empty array may have no address, which would mean "ask a read callback".
      bytes.baseAddress.map { curl_shim_easy_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0) }
        ?? curl_shim_easy_set_string(pointer, CURLOPT_COPYPOSTFIELDS, "")
    }
    try check(code)
  }

  /// The status of the answer under way or just ended.
  func status() throws(CallFailure) -> Int {
    var status = 0
    try check(curl_shim_easy_get_long(pointer, CURLINFO_RESPONSE_CODE, &status))
    return status
  }

  /// The value of the first header of this name in the last answer of the call, or nil; libcurl's
  /// own table of headers knows interim answers and trailers from headers.
  func header(_ name: String) -> String? {
    var header: UnsafeMutablePointer<curl_header>?
    let lastRequest: Int32 = -1
    let code = curl_easy_header(pointer, name, 0, UInt32(CURLH_HEADER), lastRequest, &header)
    // Every other code says, one way or another, that there is no such header.
    guard code == CURLHE_OK, let header else { return nil }
    return String(cString: header.pointee.value)
  }

  private func check(_ code: CURLcode) throws(CallFailure) {
    guard code != CURLE_OK else { return }
    throw CallFailure(
      kind: CallFailure.Kind(code: code, connected: false, answered: false),
      message: words(for: code))
  }
}
