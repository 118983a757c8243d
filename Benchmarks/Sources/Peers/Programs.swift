import Glibc

/// Where programs are.
package enum Programs {
  /// Where servers are, which a user's PATH may leave out.
  private static let further = ["/usr/local/sbin", "/usr/sbin", "/sbin"]

  /// The path of a program, searched as a shell would. Throws `.notInstalled`.
  package static func find(_ name: String) throws(PeerError) -> String {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    let folders = path.split(separator: ":").map(String.init) + further
    for folder in folders where access("\(folder)/\(name)", X_OK) == 0 {
      return "\(folder)/\(name)"
    }
    throw .notInstalled(name)
  }

  /// The folder of the running executable, where the floors are built too.
  package static let ownFolder: String = {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
    let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }()
}
