import Glibc

/// A private authority and a server certificate of it, for `localhost`, made by openssl(1).
struct Authority {
  let folder: TemporaryFolder

  /// Whether openssl(1) is there to make one.
  static let isAvailable = access(OpenSSLProcess.program, X_OK) == 0

  /// The file that a caller would name as `ca_file`.
  var certificate: String { folder["ca.pem"] }

  init() throws {
    folder = try TemporaryFolder()
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    try make("ca.pem", "req -x509 \(key) -keyout ca.key -out ca.pem -subj /CN=Authority -days 2")
    try make(
      "server.pem",
      "req -x509 \(key) -keyout server.key -out server.pem -subj /CN=localhost -days 2"
        + " -CA ca.pem -CAkey ca.key -addext subjectAltName=DNS:localhost"
        + " -addext basicConstraints=critical,CA:FALSE")
  }

  private func make(_ file: String, _ arguments: String) throws {
    let words = try OpenSSLProcess(arguments, in: folder).finish()
    guard access(folder[file], R_OK) == 0 else { throw Failure(words: words) }
  }

  /// What openssl(1) said when it failed.
  struct Failure: Error {
    var words: String
  }
}
