import Figures
import LoadGenerator
import Peers

/// What the groups of rows share: the programs, the folder that they run in, and how long and how
/// often is measured.
final class Bench {
  /// The programs of the project.
  let installation: Installation
  /// Where everything runs.
  let workspace: Workspace
  /// How often each row is measured.
  let rounds: Int
  /// How long a side runs in a round, in seconds, where it runs by time.
  let seconds: Double
  /// What is not measured, and why.
  private(set) var leftOut: [String] = []

  /// A completion of usual size, which an upstream says to everything.
  static let answer =
    #"{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"#
    + #""model":"bench/model","choices":[{"index":0,"message":{"role":"assistant","content":""#
    + String(repeating: "A schooner with salt, two brigs in ballast. ", count: 16)
    + #""},"finish_reason":"stop"}],"usage":{"prompt_tokens":210,"completion_tokens":190,"#
    + #""total_tokens":400}}"#

  private var seeds = 1
  private var startedNginx: Nginx?
  private var startedSandbox: Sandbox?

  /// Starts nothing yet.
  init(_ options: BenchOptions, _ workspace: Workspace, rounds: Int, seconds: Double) {
    installation = Installation(promptd: options.promptd)
    self.workspace = workspace
    self.rounds = rounds
    self.seconds = seconds
  }

  /// Seeds that were not used before.
  func freshSeeds(_ count: Int) -> Range<Int> {
    defer { seeds += count }
    return seeds..<(seeds + count)
  }

  /// Notes what is not measured, and why.
  func leaveOut(_ what: String, _ reason: any Error) { leftOut.append("\(what): \(reason)") }

  /// nginx, started once.
  func nginx() throws -> Nginx {
    if let startedNginx { return startedNginx }
    let nginx = try Nginx(answer: Self.answer, in: workspace)
    startedNginx = nginx
    return nginx
  }

  /// The sandbox, started once.
  func sandbox() throws -> Sandbox {
    if let startedSandbox { return startedSandbox }
    let sandbox = try Sandbox(installation.sandbox, in: workspace)
    startedSandbox = sandbox
    return sandbox
  }

  /// The fastest upstream there is: nginx, or else the sandbox, which costs more.
  func upstream() throws -> String {
    do {
      return try nginx().upstream
    } catch PeerError.notInstalled(let program) {
      let note = "\(program) as the upstream; promptd-sandbox stands in"
      if !leftOut.contains(note) { leftOut.append(note) }
      return try sandbox().socket
    }
  }

  /// Starts a promptd.
  func promptd(_ settings: PromptdSettings) throws -> Promptd {
    try Promptd(installation.promptd, settings, in: workspace)
  }

  /// A cache file with so many answers to `FilledPrompts`.
  func filledCache(_ entries: Int) throws -> String {
    let file = workspace["\(workspace.freshName("filled")).sqlite"]
    _ = try workspace.run(
      installation.microbenchmarks, ["fill", file, "\(entries)"], seconds: 600)
    return file
  }

  /// Answers a second to requests that are asked again and again, for as long as a side runs. They
  /// are in the cache already, and the first answers do not count.
  func rate(
    _ endpoint: Endpoint, _ requests: RequestBook, connections: Int = HitGroup.connections,
    depth: Int = 1
  ) throws -> Double {
    var load = Load(endpoint, requests, .seconds(seconds))
    load.connections = connections
    load.depth = depth
    // As many as are in flight at first, and some.
    load.warmUp = connections * depth + 1000
    return try load.run().checked().perSecond
  }

  /// Asks each request once, so that its answer is in the cache.
  func warm(_ endpoint: Endpoint, _ requests: RequestBook) throws {
    var load = Load(endpoint, requests, .requests(requests.count))
    load.connections = min(16, requests.count)
    _ = try load.run().checked()
  }
}
