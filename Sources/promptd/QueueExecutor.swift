import Dispatch

/// Runs tasks on a queue of its own, one step at a time.
///
/// Once anything runs on one of libdispatch's global queues, as tasks do by themselves, libdispatch looks
/// after the threads of those every second, for ever.
final class QueueExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "promptd.tasks")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
