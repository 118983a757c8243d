package import JSON
package import PromptProtocol

/// Makes a list of models of what one call brings.
package struct ModelListReader: Sendable {
  private var faults: UpstreamFaults
  private var body: [UInt8] = []

  /// A reader that takes `key` out of whatever the upstream says.
  package init(key: APIKey?) { faults = UpstreamFaults(key: key) }

  /// Takes the status of the response.
  package mutating func responded(status: Int, retryAfter: Double? = nil) {
    faults.status = status
    faults.retryAfter = retryAfter
  }

  /// Takes the next bytes of the body.
  package mutating func received(_ bytes: [UInt8]) { body += bytes }

  /// Takes the end and gives the list; `failure` is the transport's own, nil when the response came
  /// whole.
  package func ended(
    failure: WireError?, parser: JSONParser
  ) -> Result<[ListedModel], WireError> {
    if let failure { return .failure(failure) }
    guard faults.status == 200 else { return .failure(faults.refusal(body, parser)) }
    do {
      return try parser.withDocument(of: body) { root in
        guard let data = root["data"], data.kind == .array else {
          return .failure(faults.strange(body, wanted: "list of models"))
        }
        return .success(
          data.elements.compactMap { model in
            model["id"]?.string.map { ListedModel(id: $0, json: CompactJSON.bytes(model)) }
          })
      }
    } catch {
      return .failure(faults.strange(body, wanted: "list of models"))
    }
  }
}
