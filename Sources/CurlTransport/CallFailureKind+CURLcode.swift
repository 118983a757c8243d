import CCurl

extension CallFailure.Kind {
  /// Sorts libcurl's code (libcurl-errors(3)) by how far the call had come.
  ///
  /// A broken handshake (`CURLE_SSL_CONNECT_ERROR`) counts as `.connect`, not `.tls`: libcurl has
  /// one code for a peer that hangs up in the handshake, which passes, and for one that speaks
  /// another protocol, which does not.
  init(code: CURLcode, connected: Bool, answered: Bool) {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      self = .tls
    // What libcurl says of a header of more than 100 KiB (lib/urldata.h, CURL_MAX_HTTP_HEADER).
    case CURLE_OUT_OF_MEMORY where connected:
      self = .tooLarge
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN:
      self = .internalFault
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CRL_BADFILE:
      self = .misconfigured
    // With a connection, it is an answer in another protocol.
    case CURLE_UNSUPPORTED_PROTOCOL where !connected:
      self = .misconfigured
    // Only CURLOPT_CONNECTTIMEOUT_MS is set, so nothing else can time out in libcurl.
    case CURLE_OPERATION_TIMEDOUT where !connected:
      self = .clock(.connect)
    case CURLE_BAD_CONTENT_ENCODING, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
      self = .cut
    case _ where answered:
      self = .cut
    case _ where connected:
      self = .reset
    case _:
      self = .connect
    }
  }
}
