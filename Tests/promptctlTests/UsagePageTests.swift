import JSON
import Testing

@testable import promptctl

struct UsagePageTests {
  private func page() throws -> UsagePage {
    let json = #"""
      {"rows":[{"day":"2026-11-25","client":"alice","calls":2,"errors":0,"tokens_in":30,
        "tokens_out":10,"cost":1.5,"hits":1,"joined":0,"saved":{"answers":1,"tokens_in":3,"tokens_out":4,"cost":0.25}},
       {"day":"2026-11-26","client":"bob, jr","calls":1,"errors":1,"tokens_in":0,"tokens_out":0,
        "cost":0}]}
      """#
    return UsagePage(try JSONTree(parsing: json.utf8), ["day", "client"])
  }

  @Test func rowsAreSummedUpAtTheEnd() throws {
    let lines = try page().text(.plain, hasBars: false).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("DAY         CLIENT"))
    #expect(lines[1].hasSuffix("2       0  30   10  1.50     1      7   0.25"))
    #expect(lines[2].hasSuffix("0.00     0      0   0.00"))
    #expect(lines[3].hasPrefix("all"))
    #expect(lines[3].hasSuffix("3       1  30   10  1.50     1      7   0.25"))
  }

  @Test func aBarIsAsLongAsItsTokens() throws {
    let lines = try page().text(.plain, hasBars: true).split(separator: "\n")
    #expect(lines[1].hasSuffix("  " + String(repeating: "#", count: 20)))
    #expect(!lines[2].contains("#"))
    let narrow = try page().text(TextStyle(hasColours: false, width: 77), hasBars: true)
    #expect(narrow.split(separator: "\n")[1].hasSuffix(" ######"))
    let narrower = try page().text(TextStyle(hasColours: false, width: 75), hasBars: true)
    #expect(!narrower.contains("#"))
  }

  @Test func valuesForSpreadsheetsAreQuotedWhereTheyMustBe() throws {
    let lines = try page().csv.split(separator: "\r\n")
    #expect(lines[0].hasPrefix("day,client,calls,errors,tokens_in,"))
    #expect(lines[1] == "2026-11-25,alice,2,0,30,10,1.5,1,0,1,3,4,0.25")
    #expect(lines[2] == #"2026-11-26,"bob, jr",1,1,0,0,0,0,0,0,0,0,0"#)
  }

  @Test func aLabelOfAnyKindIsOneValue() throws {
    let rows = [#"a\nb"#, #"c\r\nd"#, #"e\"\u0301"#, "f"].map { #"{"label":"\#($0)"}"# }
    let json = #"{"rows":[\#(rows.joined(separator: ","))]}"#
    let csv = UsagePage(try JSONTree(parsing: json.utf8), ["label"]).csv
    for quoted in ["\"a\nb\",0", "\"c\r\nd\",0", "\"e\"\"\u{301}\",0", "f,0"] {
      #expect(Array(csv.utf8).contains(Array(quoted.utf8)))
    }
  }

  @Test func aDayIsNamedOrSoLongAgo() throws {
    let now = 1_795_446_245_000  // 2026-11-23T15:04:05Z
    #expect(try SinceDay.day("2026-01-02", now: now) == "2026-01-02")
    #expect(try SinceDay.day("3d", now: now) == "2026-11-20")
    #expect(try SinceDay.day("2024-02-29", now: now) == "2024-02-29")
    for wrong in ["yesterday", "2026-13-45", "2026-02-30", "0000-00-00"] {
      #expect(throws: (any Error).self, "\(wrong)") { try SinceDay.day(wrong, now: now) }
    }
  }
}
