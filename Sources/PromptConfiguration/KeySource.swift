import Glibc
import PromptProtocol

/// Where an upstream's key comes from.
package enum KeySource: Hashable, Sendable {
  /// `auth = "none"`: the server wants no key.
  case none
  /// A file that only the daemon's user can touch.
  case file(String)
  /// A credential of the service, in `$CREDENTIALS_DIRECTORY` as `keys_NAME` or `NAME`.
  case credential(String)
}

extension KeySource {
  /// A reason why there is no key, which never holds anything that might be one.
  struct Failure: Error, Equatable {
    var message: String
  }

  /// Keys are a line, and tokens a line each; anything this large is the wrong file.
  private static let limit = 64 << 10

  /// Whether it is a file.
  var isFile: Bool { if case .file = self { true } else { false } }

  /// The key; nil where none is wanted.
  func key(environment: [String: String]) throws(Failure) -> APIKey? {
    if case .none = self { return nil }
    let bytes = try contents(environment: environment, name: "api_key_file")
    do throws(SmallFile.Failure) {
      return try Self.key(in: bytes)
    } catch {
      throw Failure(message: "\(place(environment)) \(error.message)")
    }
  }

  /// The bytes of the file or the credential; `name` is the key that names a file instead.
  ///
  /// Credentials' modes are systemd's affair and differ between its versions: they are not
  /// looked at.
  func contents(environment: [String: String], name: String) throws(Failure) -> [UInt8] {
    switch self {
    case .none: return []
    case .file(let path):
      do throws(SmallFile.Failure) {
        return try SmallFile.read(path, limit: Self.limit, isPrivate: true)
      } catch {
        throw Failure(message: "\(place(environment)) \(error.message)")
      }
    case .credential(let credential):
      return try Self.credential(credential, in: environment["CREDENTIALS_DIRECTORY"], name)
    }
  }

  /// What messages call the place.
  private func place(_ environment: [String: String]) -> String {
    switch self {
    case .none: ""
    case .file(let path): "the file \(path)"
    case .credential: "the credential in \(environment["CREDENTIALS_DIRECTORY"] ?? "")"
    }
  }

  private static func credential(
    _ name: String, in directory: String?, _ key: String
  ) throws(Failure) -> [UInt8] {
    guard let directory, directory.hasPrefix("/") else {
      throw Failure(
        message: "there is no $CREDENTIALS_DIRECTORY: start promptd as a service that has "
          + "LoadCredential=keys:/etc/promptd/keys.d, or write \(key)")
    }
    var missing = Failure(message: "")
    for file in ["keys_\(name)", name] {
      do throws(SmallFile.Failure) {
        return try SmallFile.read("\(directory)/\(file)", limit: limit, isPrivate: false)
      } catch {
        guard error.code == ENOENT else {
          throw Failure(message: "the credential in \(directory) \(error.message)")
        }
        missing.message =
          "there is no such credential in \(directory), with or without keys_ in front; put the "
          + "key into \(keyFile(name)) (mode 0600, root's) and restart promptd"
      }
    }
    throw missing
  }

  /// Where the shipped service takes a credential from. A longer name is left out: it may be a key
  /// in the wrong place, and no key is this short.
  private static func keyFile(_ name: String) -> String {
    name.utf8.count <= 16
      ? "/etc/promptd/keys.d/\(name)" : "a file of that name in /etc/promptd/keys.d"
  }

  /// The key in a file's bytes: printable ASCII (RFC 6750 section 2.1 allows less) in one piece,
  /// white space around it left out.
  private static func key(in bytes: [UInt8]) throws(SmallFile.Failure) -> APIKey {
    let isSpace = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
    let trimmed = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    guard !trimmed.isEmpty else {
      throw SmallFile.Failure(message: "is empty; write the key in it")
    }
    guard trimmed.allSatisfy({ (33...126).contains($0) }) else {
      throw SmallFile.Failure(message: "must hold the key alone: printable ASCII without spaces")
    }
    return APIKey(String(decoding: trimmed, as: UTF8.self))
  }
}
