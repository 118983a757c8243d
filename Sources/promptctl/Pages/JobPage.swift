import JSON

/// Jobs for people.
enum JobPage {
  /// One job, and what came of it.
  static func text(_ job: JSONTree, _ style: TextStyle) -> String {
    var facts = FactList(PlainText.cell(job["job"]?.string ?? "job"))
    for name in ["state", "client", "model", "class"] { facts.add(name, job[name]?.string) }
    if let submitted = job["submitted"]?.int, let finished = job["finished"]?.int {
      facts.add("took", Quantities.milliseconds(finished - submitted))
    }
    if let error = job["error"]?["error"] { facts.add("error", error["message"]?.string) }
    let answer = job["result"].flatMap(AnswerText.whole)
    return facts.text(style) + (answer.map { "\n\(PlainText.printable($0))\n" } ?? "")
  }

  /// A table with a row for each; `now` is in milliseconds since 1970.
  static func table(_ result: JSONTree, now: Int, _ style: TextStyle) -> String {
    var table = Table([
      .whole("JOB"), .state("STATE"), .left("CLIENT"), .left("MODEL"), .left("CLASS"),
      .right("AGE"), .right("TOOK"),
    ])
    for row in result["rows"]?.array ?? [] {
      let words = ["job", "state", "client", "model", "class"].map { row[$0]?.string ?? "-" }
      let submitted = row["submitted"]?.int
      let took = row["finished"]?.int.flatMap { end in submitted.map { end - $0 } }
      table.add(
        words + [
          submitted.map { Quantities.seconds(max(0, now - $0) / 1000) } ?? "-",
          took.map(Quantities.milliseconds) ?? "-",
        ])
    }
    return table.text(style)
  }
}
