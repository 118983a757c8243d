import Peers

/// What programs say their versions are.
enum Versions {
  /// Those of the programs that take part, as far as they are there.
  static func all(_ bench: Bench) -> [String: String] {
    var versions: [String: String] = [:]
    let asked = [
      ("promptd", bench.installation.promptd, ["--version"]),
      ("redis", "redis-server", ["--version"]),
      ("nginx", "nginx", ["-v"]),
    ]
    for (name, program, arguments) in asked {
      do throws(PeerError) {
        let path = program.hasPrefix("/") ? program : try Programs.find(program)
        let process = try bench.workspace.start(path, arguments)
        defer { bench.workspace.end(process) }
        _ = process.wait(milliseconds: 5000)
        let said = try Files.read(process.output) + Files.read(process.errors)
        versions[name] = String(said.prefix { $0 != "\n" })
      } catch {
        // What is not installed is told by the row that needs it.
        continue
      }
    }
    return versions
  }
}
