import Glibc
package import LoadGenerator
import Synchronization

/// A temporary folder and the programs that were started in it; `close` ends them, the latest
/// first, and removes the folder.
package final class Workspace: Sendable {
  private struct State {
    var processes: [Subprocess] = []
    var names = 0
    var isClosed = false
  }

  /// The folder.
  package let path: String
  private let state = Mutex(State())
  /// Held while it is closed.
  private let closing = Mutex(())

  /// Makes an empty folder, with a name short enough for the sockets in it.
  package init() throws(PeerError) {
    var template = Array("/tmp/promptd-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .failed("mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The path of something in the folder.
  package subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// A name in the folder that nothing has yet.
  package func freshName(_ prefix: String) -> String {
    state.withLock {
      $0.names += 1
      return "\(prefix)\($0.names)"
    }
  }

  /// Makes a folder inside that nothing is in, and returns its path.
  package func freshFolder(_ prefix: String) throws(PeerError) -> String {
    let folder = self[freshName(prefix)]
    try Files.makeFolder(folder)
    return folder
  }

  /// Starts a program, on a terminal's device if there is one, and keeps it for `close`.
  package func start(
    _ path: String, _ arguments: [String], environment: [String: String] = [:],
    terminal: String? = nil
  ) throws(PeerError) -> Subprocess {
    let files = self[freshName("program")]
    let process = try Subprocess(
      path, arguments, environment: environment, files: files, terminal: terminal)
    let isLate = state.withLock {
      if !$0.isClosed { $0.processes.append(process) }
      return $0.isClosed
    }
    if isLate {
      process.end(grace: 0)
      throw .ended(program: process.program, status: .killed(signal: SIGKILL), lastWords: "")
    }
    return process
  }

  /// Runs a program to its end, for at most so many seconds, and returns its standard output.
  /// Throws `.ended` unless it exits with 0.
  package func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], seconds: Int = 120
  ) throws(PeerError) -> String {
    let process = try start(path, arguments, environment: environment)
    defer { end(process) }
    guard let status = process.wait(milliseconds: seconds * 1000) else {
      throw .late(program: process.program, seconds: seconds)
    }
    guard status == .exited(0) else {
      throw .ended(program: process.program, status: status, lastWords: process.lastWords)
    }
    return try Files.read(process.output)
  }

  /// Waits until a program takes connections. Throws `.ended` as soon as it has ended, and `.late`.
  package func awaitConnection(
    to endpoint: Endpoint, of process: Subprocess, seconds: Int = 30
  ) throws(PeerError) {
    let limit = MonotonicClock.now() + UInt64(seconds) * 1_000_000_000
    while true {
      do throws(LoadError) {
        Glibc.close(try endpoint.connect())
        return
      } catch {
        // Nobody there yet: what is waited for is the program's end, a few milliseconds at a time.
        guard case .system(_, let code) = error, code == ENOENT || code == ECONNREFUSED else {
          throw .load(program: process.program, error)
        }
      }
      if let status = process.wait(milliseconds: 5) {
        throw .ended(program: process.program, status: status, lastWords: process.lastWords)
      }
      guard MonotonicClock.now() < limit else {
        throw .late(program: process.program, seconds: seconds)
      }
    }
  }

  /// Ends one of its programs.
  package func end(_ process: Subprocess) {
    process.end()
    state.withLock { $0.processes.removeAll { $0 === process } }
  }

  /// Ends all programs, removes the folder, and goes on with `then`. Nothing can be started any
  /// more, and whoever else wants to close it waits until `then` has returned.
  package func close(_ then: () -> Void = {}) {
    closing.withLock { _ in
      let processes = state.withLock { state in
        state.isClosed = true
        defer { state.processes = [] }
        return state.processes
      }
      for process in processes.reversed() { process.end() }
      Files.remove(path)
      then()
    }
  }
}
