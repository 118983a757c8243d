import Glibc
import Logging
import Systemd

/// A process for tests of what holds for a whole process, or for a whole machine: it does what its
/// first argument says and prints what came of it, a `name=value` on each line.
@main
enum Probe {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    switch (arguments.first, arguments.dropFirst().first) {
    case ("log", "auto"): log(.auto)
    case ("log", _): log(.journal)
    case ("flood", let path?): flood(path)
    case ("notify", _): notify()
    case ("notify-flood", _): notifyMoreThanASocketHolds()
    case ("sockets", _): takeSockets()
    case ("limits", _): tellLimits()
    case ("connect", let path?): connectAndWait(path)
    default: exit(64)
    }
  }

  /// Logs what a journal could get wrong.
  private static func log(_ format: Systemd.LogFormat) {
    let writer = LogWriter(format: format)
    var logger = logger(writer)
    logger.log(.info, "call ended", [.request: "r-1", .tokensIn: "12", .client: "probe"])
    logger.log(.warning, "forgery", [.detail: "one\nPROMPTD_CLIENT=evil\nMESSAGE=two"])
    logger.log(
      .error, "too long",
      [
        .messageID: "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c01",
        .detail: String(repeating: "é", count: 20_000),
      ])
    logger[metadataKey: "priority"] = "0"
    logger[metadataKey: "a-b"] = "plain"
    logger.log(.notice, "other keys")
    tell("stopped", writer.stop())
    tell("dropped", writer.dropped)
  }

  /// Logs more than the ring and a journal that stalls can hold: one whose socket is at `path`, and
  /// who never reads.
  private static func flood(_ path: String) {
    let stalled = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    tell("bound", withAddress(path) { bind(stalled, $0, $1) } == 0)
    let writer = LogWriter(format: .journal)
    let logger = logger(writer)
    for number in 0..<5000 { logger.log(.info, "flood", [.request: String(number)]) }
    tell("stopped", writer.stop(atMost: .milliseconds(200)))
    tell("dropped", writer.dropped)
  }

  private static func logger(_ writer: LogWriter) -> Logger {
    Logger(label: "probe") { _ in JournalLogHandler(writer: writer) }
  }

  private static func notifyMoreThanASocketHolds() {
    let notifier = ServiceNotifier()
    // The kernel holds net.unix.max_dgram_qlen of them, 512 at the most, for who does not read.
    for number in 0..<10_000 { notifier.status("\(number)") }
    notifier.flush(atMost: .milliseconds(100))
  }

  private static func notify() {
    let notifier = ServiceNotifier()
    tell("listened", notifier.isListened)
    tell("watchdog", notifier.watchdogInterval.map { "\($0.components.seconds)s" } ?? "none")
    notifier.ready(status: "one\nMAINPID=1")
    notifier.status("2 clients")
    notifier.feedWatchdog()
    notifier.extendTimeout(by: .milliseconds(1500))
    notifier.mainProcess(getpid())
    notifier.reloading()
    notifier.stopping()
    notifier.flush()
    tell("environment", getenv("NOTIFY_SOCKET") != nil)
  }

  private static func takeSockets() {
    let taken = InheritedSockets.take()
    for socket in taken.sockets {
      let isClosedOnExec = fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0
      tell("socket", "\(socket.descriptor) \(socket.name) \(socket.path) \(isClosedOnExec)")
    }
    if let fault = taken.fault { tell("error", fault) }
    tell("again", InheritedSockets.take().sockets.count)
  }

  private static func tellLimits() {
    var own = stat()
    // A process that allows no dumps has its files in /proc owned by root (proc(5)).
    tell("owner_before", stat("/proc/self/mem", &own) == 0 ? Int(own.st_uid) : -1)
    ProcessLimits.raiseDescriptorLimit()
    tell("raised", ProcessLimits.descriptors)
    ProcessLimits.forbidCoreDumps()
    tell("owner_after", stat("/proc/self/mem", &own) == 0 ? Int(own.st_uid) : -1)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    tell("soft", limit.rlim_cur)
    tell("hard", limit.rlim_max)
    getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    tell("core", limit.rlim_max)
  }

  /// Connects, and lives until the other end hangs up.
  private static func connectAndWait(_ path: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let code = withAddress(path) { connect(descriptor, $0, $1) }
    var byte: UInt8 = 0
    tell("connected", code == 0 && read(descriptor, &byte, 1) == 0)
  }

  private static func withAddress(
    _ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    return withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func tell(_ name: String, _ value: Any) { print("\(name)=\(value)") }
}
