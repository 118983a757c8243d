import ArgumentParser

/// `promptctl job …`
struct JobGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Requests that outlive their client, and the daemon.",
    subcommands: [
      JobSubmit.self, JobShow.self, JobWait.self, JobList.self, JobCancel.self,
    ])
}
