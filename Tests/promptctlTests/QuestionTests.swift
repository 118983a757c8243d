import JSON
import PromptProtocol
import Testing

@testable import promptctl

struct QuestionTests {
  private func text(_ question: Question) -> String {
    String(decoding: question.body, as: UTF8.self)
  }

  @Test func aPlainQuestionIsOneMessage() {
    #expect(
      text(Question(model: "m", text: "say \"hi\""))
        == #"{"model":"m","messages":[{"role":"user","content":"say \"hi\""}],"stream":true}"#)
  }

  @Test func everyOptionHasItsMember() throws {
    var question = Question(model: "m", text: "q", system: "s", streams: false)
    question.seed = Seed(argument: "-7")
    question.temperature = 0.25
    question.maxTokens = 5
    question.schema = try AnswerSchema(Array(#"{"type":"object"}"#.utf8), fileName: "x/town.json")
    question.cache = .only
    question.priority = .idle
    #expect(
      text(question) == """
        {"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"q"}],\
        "seed":-7,"temperature":0.25,"max_tokens":5,"response_format":{"type":"json_schema",\
        "json_schema":{"name":"town","schema":{"type":"object"}}},\
        "promptd":{"cache":"only","priority":"idle"}}
        """)
  }

  @Test func imagesMakeTheContentParts() throws {
    let question = Question(
      model: "m", text: "what is it", images: ["https://h/a.png", "data:image/png;base64,AA=="])
    let content = try JSONTree(parsing: question.body)["messages"]?[0]?["content"]
    #expect(
      content?[0]
        == .object([.init("type", .string("text")), .init("text", .string("what is it"))]))
    #expect(content?[1]?["image_url"]?["url"]?.string == "https://h/a.png")
    #expect(content?[2]?["image_url"]?["url"]?.string == "data:image/png;base64,AA==")
  }

  /// The daemon takes what promptctl makes.
  @Test func theBodyPassesTheDaemonsRules() throws {
    var question = Question(model: "m", text: "q", images: ["https://h/a.png"])
    question.cache = .refresh
    question.priority = .urgent
    try JSONParser().withDocument(of: question.body) { root in
      let body = try ChatBody(root)
      #expect(body.stream)
      #expect(body.options.cache == .refresh)
      #expect(body.options.priority == .urgent)
    }
  }
}
