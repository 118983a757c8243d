import Figures
import Testing

struct ReportTests {
  private func report(_ figure: Double, _ goal: Goal) -> Report {
    var report = Report(command: "quick")
    report.rows = [Row("x", figure, "/s", goal)]
    return report
  }

  @Test func aReportComesBackFromItsJSON() throws {
    var report = report(1.5, .atLeast(1))
    report.versions = ["promptd": "0.1.0"]
    report.leftOut = ["y: not installed"]
    #expect(try Report(json: try report.json()) == report)
  }

  @Test func aRowThatFellIsFoundWhicheverWayIsGood() {
    let slower = report(70, .atLeast(1)).losses(since: report(100, .atLeast(1)), over: 0.2)
    #expect(slower.map(\.row.name) == ["x"])
    #expect(abs((slower.first?.loss ?? 0) - 0.3) < 1e-9)
    #expect(report(130, .atMost(1)).losses(since: report(100, .atMost(1)), over: 0.2).count == 1)
  }

  @Test func noiseAndGainsAreNoLoss() {
    #expect(report(90, .atLeast(1)).losses(since: report(100, .atLeast(1)), over: 0.2).isEmpty)
    #expect(report(50, .atMost(1)).losses(since: report(100, .atMost(1)), over: 0.2).isEmpty)
  }

  @Test func everyRowHasItsColumnsUnderTheHeadings() {
    var rounds = Rounds()
    rounds.add(ours: 1_234_567, yardstick: 0.5)
    let lines = [
      Table.line(Row("short", 0.25, "ms", .atMost(1))),
      Table.line(Row("a longer name ÷ another", "/s", rounds, .ratio, .atLeast(0.5))),
    ]
    let ends = lines.map { $0.prefix(Table.heading.count - "  target".count) }
    #expect(ends.allSatisfy { $0.last?.isNumber == true })
    #expect(lines[0].contains("0.25"))
    #expect(lines[1].contains("1,234,567"))
  }

  @Test(arguments: [
    (0.0, "0.00"), (12.345, "12.35"), (-12.3, "-12.30"), (123.45, "123.5"), (1234.5, "1,235"),
    (-1_234_567.0, "-1,234,567"), (.nan, "-"),
  ])
  func numbersAreAsExactAsTheyNeedToBe(_ value: Double, _ text: String) {
    #expect(Table.number(value) == text)
  }
}
