import CurlTransport
import JSON
import PromptCore
import PromptProtocol
import Synchronization
import Testing

@testable import PromptServer

@Suite struct CallReadersTests {
  private func expectation() throws -> AnswerReader.Expectation {
    let text = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
    return try JSONParser().withDocument(of: text.utf8) { root in
      AnswerReader.Expectation(
        streams: true, storage: StorageRule(try ChatBody(root).root), key: nil)
    }
  }

  @Test func aLongStreamIsToldChunkByChunk() throws {
    let told = Mutex(0)
    let readers = CallReaders()
    readers.listen(
      flights: { _, news in if case .chunks = news { told.withLock { $0 += 1 } } },
      models: { _, _ in })
    let call = CallID(rawValue: 1)
    readers.begin(call, try expectation())
    readers.happened(
      call, .responded(ResponseHead(status: 200, contentType: "text/event-stream")))
    let event = Array(#"data: {"choices":[]}"#.utf8) + [0x0A, 0x0A]
    for _ in 0..<50_000 { readers.happened(call, .received(event)) }
    #expect(told.withLock { $0 } == 50_000)
  }

  @Test func aCallThatIsForgottenBringsNoNews() throws {
    let readers = CallReaders()
    readers.listen(flights: { _, _ in Issue.record("news of nothing") }, models: { _, _ in })
    let call = CallID(rawValue: 1)
    readers.begin(call, try expectation())
    readers.forget(call)
    readers.happened(call, .ended(.complete))
  }

  @Test func aListOfModelsIsToldByItsLane() {
    let lists = Mutex<[Int: [String]]>([:])
    let readers = CallReaders()
    readers.listen(
      flights: { _, _ in },
      models: { lane, result in
        if case .success(let models) = result { lists.withLock { $0[lane] = models.map(\.id) } }
      })
    let call = CallID(rawValue: 9)
    readers.begin(call, lane: 3, key: nil)
    readers.happened(call, .responded(ResponseHead(status: 200)))
    readers.happened(call, .received(Array(#"{"data":[{"id":"a"}]}"#.utf8)))
    readers.happened(call, .ended(.complete))
    #expect(lists.withLock { $0 } == [3: ["a"]])
  }
}
