import NIOCore
import PromptCore
import Synchronization

/// Goes off at the earliest time that it was set to. What was set for later is to be set again
/// then.
final class Alarm: Sendable {
  private struct Setting {
    var time: MonotonicTime
    var task: Scheduled<Void>
  }

  private let eventLoop: any EventLoop
  private let setting = Mutex<Setting?>(nil)

  /// An alarm that goes off on `eventLoop`.
  init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Calls `body` at `time`, unless it is set to go off before that.
  func set(_ time: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
    setting.withLock { setting in
      if let setting, setting.time <= time { return }
      setting?.task.cancel()
      let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.nanoseconds)))
      let task = eventLoop.scheduleTask(deadline: deadline) { [self] in
        forget(time)
        body()
      }
      setting = Setting(time: time, task: task)
    }
  }

  private func forget(_ time: MonotonicTime) {
    setting.withLock { setting in if setting?.time == time { setting = nil } }
  }
}
