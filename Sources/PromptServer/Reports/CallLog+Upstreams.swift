import Logging
import PromptCore
import Systemd

extension CallLog {
  /// One entry for each change in how an upstream does.
  func note(_ upstream: String, _ change: UpstreamChange) {
    var fields: [LogField: String] = [.upstream: upstream]
    switch change {
    case .failing(let failures, let reason, let pause):
      fields[.messageID] = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c09"
      fields[.detail] =
        "\(failures) calls in a row, the last: \(reason); the next is made in \(pause)"
      logger.log(.error, "upstream fails", fields)
    case .probing:
      logger.log(.info, "upstream is tried", fields)
    case .recovered:
      fields[.messageID] = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0a"
      logger.log(.notice, "upstream answers again", fields)
    case .held(let seconds):
      fields[.messageID] = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0b"
      fields[.detail] = "it wants no call for \(seconds) seconds"
      logger.log(.notice, "upstream asks for a pause", fields)
    case .keyRejected:
      fields[.messageID] = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0c"
      fields[.detail] = "put a valid key where api_key_file or api_key_credential says"
      logger.log(.error, "upstream rejects the key", fields)
    case .keyAccepted:
      fields[.messageID] = "5d1f0c7e6b1b4d3f9f0a6a1f5a9d2c0d"
      logger.log(.notice, "upstream accepts the key", fields)
    }
  }
}
