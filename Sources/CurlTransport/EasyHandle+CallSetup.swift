import CCurl

extension EasyHandle {
  /// Sets all that calls to one upstream share; throws what libcurl refuses.
  ///
  /// `headers` must live until the handle is configured anew, or its end.
  func configure(
    for setup: CallSetup, headers: HeaderList, userAgent: String
  ) throws(CallFailure) {
    try keepErrorText()
    try set(CURLOPT_URL, setup.url)
    try set(CURLOPT_USERAGENT, userAgent)
    try set(CURLOPT_HTTPHEADER, pointer: headers.head)
    // Every encoding that libcurl was built with.
    try set(CURLOPT_ACCEPT_ENCODING, "")
    try setSafety()
    try setConnection(for: setup)
    try setRoute(to: setup.address)
  }

  private func setSafety() throws(CallFailure) {
    // Redirects are off unless asked for, so an answer cannot send the key elsewhere.
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    // Signals for time-outs of names are for programs with one thread.
    try set(CURLOPT_NOSIGNAL, 1)
    // Else removing a call whose name is being resolved waits for the resolver's thread.
    try set(CURLOPT_QUICK_EXIT, 1)
    // The answer of a proxy to CONNECT is no answer of the upstream.
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setConnection(for setup: CallSetup) throws(CallFailure) {
    if setup.isSecure {
      try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
      try set(CURLOPT_PIPEWAIT, 1)
    } else {
      // Without TLS nobody negotiates HTTP/2, but PIPEWAIT would hold all calls back until the
      // first of them is answered.
      try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    }
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    // Zero would mean libcurl's own 300 s; more than an int is refused.
    let connect = min(max(setup.connect.wholeMilliseconds, 1), Int(Int32.max))
    try set(CURLOPT_CONNECTTIMEOUT_MS, connect)
    // A changed ca_file is read again within five minutes (libcurl's own cache lasts a day);
    // reading the system's file blocks the thread for tens of milliseconds.
    try set(CURLOPT_CA_CACHE_TIMEOUT, 300)
  }

  private func setRoute(to address: UpstreamAddress) throws(CallFailure) {
    // Empty strings, because without them libcurl reads the environment.
    try set(CURLOPT_PROXY, address.proxy ?? "")
    try set(CURLOPT_NOPROXY, "")
    if let socket = address.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, socket) }
    guard let file = address.caFile else { return }
    try set(CURLOPT_CAINFO, file)
    // Debian's libcurl has a folder of authorities too, which would be trusted besides.
    try set(CURLOPT_CAPATH, pointer: nil)
  }
}
