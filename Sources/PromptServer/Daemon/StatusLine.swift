import NIOCore
import Synchronization
import Systemd

/// Keeps the line of `systemctl status` true: after a change it is sent again, at most once a
/// second.
final class StatusLine: Sendable {
  private let notifier: ServiceNotifier
  private let timer: any EventLoop
  private let text: @Sendable () -> String
  private let isDue = Atomic<Bool>(false)

  init(
    notifier: ServiceNotifier, timer: any EventLoop, text: @escaping @Sendable () -> String
  ) {
    self.notifier = notifier
    self.timer = timer
    self.text = text
  }

  /// Something that the line tells has changed.
  func changed() {
    guard notifier.isListened, !isDue.exchange(true, ordering: .relaxed) else { return }
    timer.scheduleTask(in: .seconds(1)) { [self] in
      isDue.store(false, ordering: .relaxed)
      send()
    }
  }

  /// Sends the line now.
  func send() { notifier.status(text()) }
}
