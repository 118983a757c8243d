import Glibc

/// A private authority and a server certificate of it, for `localhost`, made by openssl(1).
package struct Authority: Sendable {
  package let folder: TemporaryFolder

  /// Whether openssl(1) is there to make one.
  package static let isAvailable = access(OpenSSLProcess.program, X_OK) == 0

  /// The file that a caller would name as `ca_file`.
  package var certificate: String { folder["ca.pem"] }

  /// Makes `ca.pem`, and `server.pem` with `server.key`, which is good from now on for so many days;
  /// one of -1 days has expired.
  package init(host: String = "localhost", days: Int = 2) throws {
    folder = try TemporaryFolder()
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    try make("ca.pem", "req -x509 \(key) -keyout ca.key -out ca.pem -subj /CN=Authority -days 2")
    try make("server.csr", "req \(key) -keyout server.key -out server.csr -subj /CN=\(host)")
    try folder.write(
      "subjectAltName=DNS:\(host)\nbasicConstraints=critical,CA:FALSE\n", to: "server.ext")
    try make(
      "server.pem",
      "x509 -req -in server.csr -out server.pem -days \(days) -CA ca.pem -CAkey ca.key"
        + " -CAcreateserial -extfile server.ext")
  }

  private func make(_ file: String, _ arguments: String) throws {
    let words = try OpenSSLProcess(arguments, in: folder).finish()
    guard access(folder[file], R_OK) == 0 else { throw Failure(words: words) }
  }

  /// What openssl(1) said when it failed.
  package struct Failure: Error {
    package var words: String
  }
}
