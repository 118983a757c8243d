import JSON
import Testing

@testable import promptctl

struct BatchProgressTests {
  private func result(_ json: String) throws -> BatchResult {
    BatchResult(customID: "a", digest: digest, job: try JSONTree(parsing: json.utf8))
  }

  private let digest = String(repeating: "0a", count: 16)
  private let miss = #"""
    {"job":"j-1","state":"done","result":{"id":"c","promptd":{"request":"r-1","cache":"miss",
     "billed":{"prompt_tokens":2,"completion_tokens":3}}}}
    """#
  private let failed = #"""
    {"job":"j-2","state":"failed","error":{"error":{"message":"no","type":"upstream_error"},
     "promptd":{"request":"r-2","status":418}}}
    """#

  private func progress() throws -> BatchProgress {
    var progress = BatchProgress(total: 10, earlier: 2)
    progress.count(try result(miss))
    progress.count(try result(miss))
    progress.count(try result(failed))
    return progress
  }

  @Test func theBarSaysHowFarHowFastAndHowLongYet() throws {
    let bar = try progress().bar(width: 79, elapsed: .seconds(1))
    #expect(bar.count == 79)
    #expect(bar.hasPrefix("[==="))
    #expect(bar.hasSuffix("] 5/10 50 %  3.0/s  1 errors  10 tokens  eta 2 s"))
  }

  @Test func whereThereIsNoRoomForABarTheFiguresStand() throws {
    let bar = try progress().bar(width: 20, elapsed: .seconds(1))
    #expect(bar == "5/10 50 %  3.0/s  1 ")
  }

  @Test func theSummaryIsOneLine() throws {
    let text = try progress().summary(elapsed: .seconds(3))
    #expect(text == "2 answered, 2 before, 0 of them hits, 1 errors, 10 tokens, 3 s")
  }

  @Test func scriptsHaveTheSameFigures() throws {
    let json = try JSONTree(parsing: try progress().json(elapsed: .milliseconds(1500)).utf8)
    #expect(
      json.text == #"{"total":10,"answered":2,"before":2,"hits":0,"copies":0,"errors":1,"#
        + #""tokens":10,"seconds":1.5}"#)
  }

  @Test func aLineIsKnownAgainWithItsBody() throws {
    let line = try BatchResult.written(Array(try result(miss).line.utf8))
    #expect(line?.customID == "a" && line?.digest == digest && line?.isAnswer == true)
    #expect(try BatchResult.written(Array(try result(failed).line.utf8))?.isAnswer == false)
    #expect(try BatchResult.written(Array(#"{"custom_id":"a"}"#.utf8)) == nil)
    let older = #"{"id":"batch_req_j-1","custom_id":"a","response":{"status_code":200}}"#
    let known = try BatchResult.written(Array(older.utf8))
    #expect(known?.digest == nil && known?.isAnswer == true)
  }

  @Test func whatItCostIsSaidOnceForLinesOfOneBody() throws {
    var progress = BatchProgress(total: 2, earlier: 0)
    let priced = miss.replacing(
      #""completion_tokens":3"#, with: #""completion_tokens":3,"cost":0.0012"#)
    var result = try result(priced)
    progress.count(result)
    result.isCopy = true
    progress.count(result)
    let text = progress.summary(elapsed: .seconds(3))
    #expect(
      text == "2 answered, 0 of them hits, 1 the same as others, 0 errors, 5 tokens, "
        + "cost 0.0012, 3 s")
    #expect(progress.bar(width: 79, elapsed: .seconds(1)).contains("5 tokens  cost 0.0012"))
  }

  @Test func resultsAreLinesOfTheBatchAPI() throws {
    let line = try JSONTree(parsing: try result(miss).line.utf8)
    #expect(line["id"]?.string == "batch_req_\(digest)")
    #expect(line["custom_id"]?.string == "a")
    #expect(line["response"]?["status_code"]?.int == 200)
    #expect(line["response"]?["request_id"]?.string == "r-1")
    #expect(line["response"]?["body"]?.text == #"{"id":"c"}"#)
    #expect(line["error"] == .null)
    let error = try JSONTree(parsing: try result(failed).line.utf8)
    #expect(error["response"]?["status_code"]?.int == 418)
    #expect(error["response"]?["body"]?["error"]?["type"]?.string == "upstream_error")
    #expect(error["error"] == .null)
    let told = failed.replacing(#""status":418"#, with: #""status":418,"body":{"error":"why"}"#)
    let reason = try JSONTree(parsing: try result(told).line.utf8)
    #expect(reason["response"]?["body"]?.text == #"{"error":"why"}"#)
    let refused = try JSONTree(
      parsing: try result(
        #"{"state":"failed","error":{"error":{"message":"no","type":"forbidden"}}}"#
      )
      .line.utf8)
    #expect(refused["response"] == .null)
    #expect(refused["error"]?["code"]?.string == "forbidden")
  }
}
