import Glibc
import PromptCore

extension ValueRule where Value == String {
  /// Text of a form that later rules check.
  static func text(expecting expected: String) -> Self {
    Self(expecting: expected) { if case .string(let text) = $0 { text } else { nil } }
  }

  /// Text on one line that is not empty.
  static var name: Self {
    let expected = "text on one line, not empty"
    return text(expecting: expected).then(expecting: expected) { text in
      let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      return isPlain && text.contains { !$0.isWhitespace } ? text : nil
    }
  }

  /// An absolute path, for the daemon's working directory is nobody's business.
  static var path: Self {
    let expected = "an absolute path, beginning with /"
    return text(expecting: expected).then(expecting: expected) { $0.hasPrefix("/") ? $0 : nil }
  }

  /// A proxy as libcurl takes it; what it holds is never repeated, for it may be a password.
  static var proxy: Self {
    let expected = "a proxy's URL: http://, https://, socks5:// or socks5h:// and a host"
    return text(expecting: expected).then(expecting: expected) { text in
      guard text.utf8.allSatisfy({ (33...126).contains($0) }) else { return nil }
      let schemes = ["http://", "https://", "socks5://", "socks5h://"]
      return schemes.contains { text.hasPrefix($0) && text.count > $0.count } ? text : nil
    }
  }

  /// A file of at most `limit` bytes that can be read now.
  static func readableFile(limit: Int) -> Self {
    ValueRule { entry, faults in
      guard let path = ValueRule<String>.path.read(entry, &faults) else { return nil }
      do throws(SmallFile.Failure) {
        _ = try SmallFile.read(path, limit: limit, isPrivate: false)
        return path
      } catch {
        faults.append(entry.fault("the file \(path) \(error.message)"))
        return nil
      }
    }
  }

  /// A path that fits into `sun_path` with its NUL: 107 bytes (unix(7)).
  static var socketPath: Self {
    path.then(expecting: "at most 107 bytes long, as unix(7) sets it") {
      $0.utf8.count <= 107 ? $0 : nil
    }
  }

  /// The name of a group that exists.
  static func knownGroupName(_ accounts: Accounts) -> Self {
    ValueRule { entry, faults in
      guard let name = ValueRule<String>.name.read(entry, &faults) else { return nil }
      return ValueRule<UInt32>.group(accounts).read(entry, &faults).map { _ in name }
    }
  }
}

extension ValueRule where Value == KeySource {
  /// `auth`, which has one value only.
  static var auth: Self {
    let expected = "\"none\" if it is written at all"
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { $0 == "none" ? KeySource.none : nil }
  }

  /// The name of a credential: part of a file's name, and never a way out of its folder.
  static var credential: Self {
    let expected = "a credential's name: letters, digits, _, - and . alone"
    return ValueRule<String>.text(expecting: expected).then(expecting: expected) { text in
      let isPlain = text.utf8.allSatisfy { byte in
        byte < 128
          && (Character(UnicodeScalar(byte)).isLetter || (48...57).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "."))
      }
      let isSafe = isPlain && (1...200).contains(text.utf8.count) && !text.hasPrefix(".")
      return isSafe ? .credential(text) : nil
    }
  }
}

extension ValueRule where Value == BaseURL {
  /// The base of an upstream's URLs.
  static var upstreamAddress: Self {
    ValueRule { entry, faults in
      let text = ValueRule<String>.text(expecting: "a URL in quotes")
      guard let url = text.read(entry, &faults) else { return nil }
      do throws(BaseURL.Refusal) {
        return try BaseURL(url)
      } catch {
        faults.append(entry.fault(error.message))
        return nil
      }
    }
  }
}

extension ValueRule where Value == UInt32 {
  /// Permission bits in octal, as `"0660"`.
  static var fileMode: Self {
    let expected = "permission bits in quotes and octal, such as \"0660\""
    return ValueRule<String>.text(expecting: expected).then(expecting: expected) { text in
      guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777,
        !text.hasPrefix("+")
      else { return nil }
      return mode
    }
  }

  /// A user of this machine, by name or number.
  static func user(_ accounts: Accounts) -> Self { account("user", accounts.user) }

  /// A group of this machine, by name or number.
  static func group(_ accounts: Accounts) -> Self { account("group", accounts.group) }

  private static func account(_ kind: String, _ lookUp: @escaping (String) -> UInt32?) -> Self {
    ValueRule { entry, faults in
      guard let name = ValueRule<String>.name.read(entry, &faults) else { return nil }
      if let id = lookUp(name) { return id }
      faults.append(entry.fault("names no \(kind) of this machine"))
      return nil
    }
  }
}

extension ValueRule where Value == UInt32? {
  /// A group of this machine, or nil where the text is empty.
  static func optionalGroup(_ accounts: Accounts) -> Self {
    ValueRule { entry, faults in
      if entry.node == .string("") { return .some(nil) }
      return ValueRule<UInt32>.group(accounts).read(entry, &faults).map(Optional.some)
    }
  }
}

extension ValueRule {
  /// A list of values, every wrong one of which is a fault.
  static func list<Element>(of rule: ValueRule<Element>) -> ValueRule<[Element]>
  where Value == [Element] {
    ValueRule<[Element]> { entry, faults in
      guard case .array(let elements) = entry.node else {
        faults.append(entry.fault("must be a list in [ ], not \(entry.node.kind)"))
        return nil
      }
      var faultsWithin: [ConfigurationFault] = []
      let values = elements.compactMap { rule.read($0, &faultsWithin) }
      faults += faultsWithin
      return faultsWithin.isEmpty ? values : nil
    }
  }
}

extension ValueRule where Value == Glob {
  /// A pattern of `*`, `?` and literal text.
  static var glob: Self { ValueRule<String>.name.map { Glob($0) } }
}

extension ValueRule where Value == [Glob] {
  /// Patterns of model names, at least one.
  static var globs: Self {
    .list(of: .glob).then(expecting: "a list of at least one pattern, such as [\"*\"]") {
      $0.isEmpty ? nil : $0
    }
  }
}

extension ValueRule where Value == VaryRule {
  /// `["*"]` for all members, or the names of those that count.
  static var vary: Self {
    ValueRule<[String]>.list(of: .name)
      .then(expecting: "[\"*\"] alone, or names of members without a *") { names in
        if names == ["*"] { return .everything }
        return names.contains("*") ? nil : .members(Set(names))
      }
  }
}

extension ValueRule where Value == LoopbackAddress {
  /// An address of this machine alone, with its port.
  static var loopbackAddress: Self {
    let expected = "a loopback address with a port, such as \"127.0.0.1:4891\""
    return ValueRule<String>.text(expecting: expected)
      .then(expecting: expected) { LoopbackAddress($0) }
  }
}
