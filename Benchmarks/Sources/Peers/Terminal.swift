import CLinux
import Dispatch
import Glibc

/// A program on a terminal of its own (pty(7)), whose screen is read and thrown away.
package final class Terminal {
  /// The program.
  package let process: Subprocess
  private let master: Int32
  private let drained = DispatchGroup()
  private let workspace: Workspace

  /// Starts a program on a terminal of 50 rows and 160 columns.
  package init(
    _ program: String, _ arguments: [String], in workspace: Workspace
  ) throws(PeerError) {
    self.workspace = workspace
    var (master, slave): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: Int(PATH_MAX))
    var size = winsize(ws_row: 50, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&master, &slave, &name, nil, &size) == 0 else { throw .failed("openpty") }
    self.master = master
    // The program opens its side by its name.
    defer { close(slave) }
    for descriptor in [master, slave] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    process = try workspace.start(
      program, arguments, environment: ["TERM": "xterm-256color"],
      terminal: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
    DispatchQueue(label: "promptd.bench.terminal").async(group: drained) { [master] in
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      // EIO once nobody holds the other side.
      while read(master, &buffer, buffer.count) > 0 {}
    }
  }

  deinit { close(master) }

  /// Ends the program.
  package func end() {
    workspace.end(process)
    drained.wait()
  }
}
