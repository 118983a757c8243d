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
}
