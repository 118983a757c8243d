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

  /// Keys are a line; anything this large is the wrong file.
  private static let limit = 16 << 10

  /// The key; nil where none is wanted.
  ///
  /// Credentials' modes are systemd's affair and differ between its versions: they are not
  /// looked at.
  func key(environment: [String: String]) throws(Failure) -> APIKey? {
    switch self {
    case .none: return nil
    case .file(let path):
      do throws(SmallFile.Failure) {
        return try Self.key(in: SmallFile.read(path, limit: Self.limit, isPrivate: true))
      } catch {
        throw Failure(message: "the file \(path) \(error.message)")
      }
    case .credential(let name):
      return try Self.credential(name, in: environment["CREDENTIALS_DIRECTORY"])
    }
  }

  private static func credential(
    _ name: String, in directory: String?
  ) throws(Failure) -> APIKey {
    guard let directory, directory.hasPrefix("/") else {
      throw Failure(
        message: "there is no $CREDENTIALS_DIRECTORY: start promptd as a service that has "
          + "LoadCredential=keys:/etc/promptd/keys.d, or write api_key_file")
    }
    var missing = Failure(message: "")
    for file in ["keys_\(name)", name] {
      do throws(SmallFile.Failure) {
        let bytes = try SmallFile.read("\(directory)/\(file)", limit: limit, isPrivate: false)
        return try key(in: bytes)
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
