import Testing

@testable import promptctl

struct TableTests {
  @Test func columnsAreAsWideAsTheirCells() {
    var table = Table([.left("NAME"), .right("N"), .left("STATE")])
    table.add(["a", "1", "up"])
    table.add(["longer", "100", ""])
    #expect(
      table.text(.plain) == """
        NAME      N  STATE
        a         1  up
        longer  100

        """)
  }

  @Test func anEmptyTableIsItsHeadings() {
    #expect(Table([.left("A"), .right("B")]).text(.plain) == "A  B\n")
  }

  @Test func aCellCannotBreakItsRowOrSteerTheTerminal() {
    var table = Table([.left("A")])
    table.add(["x\ny\u{1B}[2J"])
    #expect(table.text(.plain) == "A\nx y\u{FFFD}[2J\n")
  }

  @Test func longWordsMakeRoomWhereThereIsLittle() {
    var table = Table([.whole("REQUEST"), .left("MODEL"), .right("BYTES")])
    table.add(["r-0123456789", "some/very-long-model-name", "12345"])
    let lines = table.text(TextStyle(hasColours: false, width: 34)).split(separator: "\n")
    #expect(lines == ["REQUEST       MODEL          BYTES", "r-0123456789  some/very-lo…  12345"])
    #expect(lines.allSatisfy { $0.count == 34 })
    // Narrower than that it is left to the terminal: nothing is taken from names and figures.
    let narrow = table.text(TextStyle(hasColours: false, width: 10))
    #expect(narrow.contains("r-0123456789  some/ve…  12345"))
  }

  @Test func statesHaveTheColourOfWhatTheyMean() {
    var table = Table([.state("STATE"), .left("X")])
    table.add(["serving", "a"])
    table.add(["failing 3 s", "b"])
    table.add(["queued", "c"])
    let lines = table.text(TextStyle(hasColours: true)).split(separator: "\n")
    #expect(lines[1] == "\u{1B}[32mserving\u{1B}[0m      a")
    #expect(lines[2] == "\u{1B}[31mfailing 3 s\u{1B}[0m  b")
    #expect(lines[3] == "queued       c")
  }

  @Test func lettersOfTwoColumnsTakeTwo() {
    var table = Table([.left("MODEL"), .right("N")])
    table.add(["日本語", "1"])
    table.add(["e\u{301}te\u{301}", "2"])
    let lines = table.text(.plain).split(separator: "\n")
    #expect(lines == ["MODEL   N", "日本語  1", "e\u{301}te\u{301}     2"])
    #expect(TextWidth.prefix("日本語", 5) == "日本")
    #expect(TextWidth.prefix("abc", 2) == "ab")
  }
}
