import Glibc

/// The programs of the project, in one folder.
struct Installation {
  /// The daemon, by its path.
  let promptd: String

  /// The release that `make build` makes, found by where this file is.
  static let usual: String = {
    let path = "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(path)/.build/release/promptd"
  }()

  /// The client.
  var promptctl: String { beside("promptctl") }
  /// The upstream that makes answers up.
  var sandbox: String { beside("promptd-sandbox") }
  /// What fills a cache file.
  var microbenchmarks: String { beside("microbenchmarks") }

  /// The programs beside the promptd at a path.
  init(promptd: String) {
    self.promptd =
      promptd.hasPrefix("/") ? promptd : "\(Self.currentFolder)/\(promptd)"
  }

  private func beside(_ name: String) -> String {
    let folder = promptd.lastIndex(of: "/").map { promptd[..<$0] } ?? "."
    return "\(folder)/\(name)"
  }

  private static var currentFolder: String {
    guard let text = getcwd(nil, 0) else { return "." }
    defer { free(text) }
    return String(cString: text)
  }
}
