import Logging
import PromptCore
import Systemd

extension CallLog {
  /// One entry for each change in how an upstream does.
  func note(_ upstream: String, _ change: UpstreamChange) {
    var fields: [LogField: String] = [.upstream: upstream]
    switch change {
    case .failing(let failures, let reason, let pause):
      fields[.detail] =
        "\(failures) calls in a row, the last: \(reason); the next is made in \(pause)"
      logger.log(.upstreamFails, fields)
    case .probing: logger.log(.info, "upstream is tried", fields)
    case .recovered: logger.log(.upstreamAnswers, fields)
    case .held(let seconds):
      fields[.detail] = "it wants no call for \(seconds) seconds"
      logger.log(.upstreamHolds, fields)
    case .keyRejected:
      fields[.detail] = "put a valid key where api_key_file or api_key_credential says"
      logger.log(.keyRejected, fields)
    case .keyAccepted: logger.log(.keyAccepted, fields)
    }
  }
}
