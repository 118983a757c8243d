import JSON

/// Decides what a request is answered with.
struct Responder: Sendable {
  /// Counts the faults that are bounded by `times`.
  let calls: SandboxCalls

  /// The steps of the reply to a request.
  func steps(for request: APIRequest) -> [ReplyStep] {
    if request.asksForModels { return Reply.json(Self.models) }
    guard request.asksForCompletion else {
      return Reply.fault(
        APIFault(
          "\(request.method) \(request.path) is not served: POST …/chat/completions and "
            + "GET …/models are", status: 404))
    }
    do {
      let question = try Self.question(request.body)
      return Reply.steps(to: question, as: kind(for: question))
    } catch {
      return Reply.fault(error)
    }
  }

  /// The behaviour that the model's name asks for, or echo when it has been had often enough.
  private func kind(for question: ChatQuestion) -> Behaviour.Kind {
    guard let times = question.behaviour.times else { return question.behaviour.kind }
    let count = calls.countFault(of: question.fingerprint)
    return count > times ? .echo : question.behaviour.kind
  }

  private static func question(_ body: [UInt8]) throws(APIFault) -> ChatQuestion {
    do {
      return try JSONParser().withDocument(of: body) { try ChatQuestion($0) }
    } catch let fault as APIFault {
      throw fault
    } catch {
      // The parser's are the only other errors that come this far.
      let reason = (error as? JSONError)?.description ?? "cannot be read"
      throw APIFault("the body is no JSON: it \(reason)")
    }
  }

  private static var models: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("object", "list")
      writer.name("data")
      writer.array { writer in
        for name in Behaviour.names {
          writer.object {
            $0.member("id", name)
            $0.member("object", "model")
            $0.member("created", MadeUpAnswer.firstSecond)
            $0.member("owned_by", "sandbox")
          }
        }
      }
    }
    return writer.bytes
  }
}
