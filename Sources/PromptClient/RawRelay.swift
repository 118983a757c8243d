import Dispatch
import Glibc

/// Carries bytes both ways between two descriptors and the socket, untouched.
///
/// Each way blocks in a thread of its own, so a slow end slows down its own way only, and no more
/// than one buffer is held for each.
package enum RawRelay {
  /// Why a relay ended before everything was said.
  package enum Failure: Error, Equatable {
    case input(BlockingIO.Fault)
    case output(BlockingIO.Fault)
    /// The daemon closed before it had got all of the input.
    case cutShort
  }

  private static let bufferSize = 64 << 10

  /// Sends `input` to the socket at `path` and what comes back to `output`; half-closes at the end
  /// of the input and returns when the daemon closes. Throws `ClientError` if there is no daemon,
  /// else `Failure`.
  package static func run(path: String, input: CInt, output: CInt) throws {
    let socket = OpenDescriptor(try SocketDialer.connect(to: path))
    let progress = InputProgress()
    DispatchQueue(label: "promptd.relay").async {
      withExtendedLifetime(socket) {
        progress.ended(send(input, to: socket.number))
        // The daemon answers what it has got, also where reading the rest failed.
        shutdown(socket.number, CInt(SHUT_WR))
      }
    }
    let isWhole = try withExtendedLifetime(socket) {
      try receive(from: socket.number, to: output)
    }
    switch progress.ending {
    case .open: throw Failure.cutShort
    case .failed(let fault): throw Failure.input(fault)
    case .whole: if !isWhole { throw Failure.cutShort }
    }
  }

  /// Copies until the input ends or the socket takes no more.
  private static func send(_ input: CInt, to socket: CInt) -> InputProgress.Ending {
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    while true {
      let count: Int
      do {
        count = try BlockingIO.read(input, into: &buffer)
      } catch {
        return .failed(error)
      }
      if count == 0 { return .whole }
      do {
        try BlockingIO.write(buffer[..<count], to: socket)
      } catch {
        return .open  // the daemon is gone, which the other way finds too
      }
    }
  }

  /// Copies until the daemon closes; false if the connection broke.
  private static func receive(from socket: CInt, to output: CInt) throws(Failure) -> Bool {
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    while true {
      let count: Int
      do {
        count = try BlockingIO.read(socket, into: &buffer)
      } catch {
        return false
      }
      if count == 0 { return true }
      do {
        try BlockingIO.write(buffer[..<count], to: output)
      } catch {
        throw .output(error)
      }
    }
  }
}
