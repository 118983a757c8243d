import PromptProtocol
import Testing

struct HTTPTargetTests {
  @Test(arguments: [
    ("/v1/chat/completions", HTTPTarget.chat), ("/openai/v1/chat/completions", .chat),
    ("/v1/models", .models), ("/openai/v1/models", .models), ("/healthz", .health),
    ("/metrics", .metrics),
  ])
  func eachPathHasItsTarget(path: String, target: HTTPTarget) {
    #expect(HTTPTarget(path: path) == target)
  }

  @Test(arguments: ["", "/", "/v1", "/v1/chat/completions/", "/V1/models", "/v1/embeddings"])
  func nothingElseIsServed(path: String) { #expect(HTTPTarget(path: path) == nil) }

  @Test func chatIsPostedAndTheRestIsGot() {
    for target in HTTPTarget.allCases {
      for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
        let isTaken = target.takes(method: method)
        #expect(isTaken == (target == .chat ? method == "POST" : ["GET", "HEAD"].contains(method)))
        #expect(!isTaken || target.allowed.contains(method))
      }
    }
  }
}
