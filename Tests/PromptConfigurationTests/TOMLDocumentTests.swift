import PromptConfiguration
import Testing

/// What no administrator writes, but a damaged or hostile file may hold.
struct TOMLDocumentTests {
  let fixture: ConfigurationFixture

  init() throws { fixture = try ConfigurationFixture() }

  @Test(arguments: [
    String(repeating: "[", count: 100_000),
    "a = " + String(repeating: "[", count: 100_000),
    "a = " + String(repeating: "{a=", count: 100_000),
    "a = " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200),
    String(repeating: "a.", count: 9_999) + "a = 1",
    String(repeating: "a.", count: 100_000) + "a = 1",
    "[" + String(repeating: "a.", count: 9_999) + "a]",
    "[[" + String(repeating: "a.", count: 9_999) + "a]]",
    "a = { " + String(repeating: "a.", count: 9_999) + "a = 1 }",
  ])
  func deepNestingIsAFaultAndNothingWorse(text: String) throws {
    #expect(!(try fixture.faults(text).isEmpty))
  }

  @Test(arguments: [
    "[log]\u{0}\nlevel = \"info\"", "\"a\\u0000b\" = 1", "a = \"\\U00000000\"", "\u{0}",
  ])
  func aNULIsRefusedBeforeItCutsTheFileShort(text: String) throws {
    #expect(try fixture.faults(text).text == "holds a NUL character; take it out")
  }

  @Test(arguments: [
    "a = 1979-05-27", "a = nan", "a = -inf",
    "a = 0xffff", "a = 0b1", "a = 1e300", "a = [1, 'x', 2026-01-01]", "\"\" = 1", "'é' = 1",
    "\"a.b\".\"c d\" = 1", "a = ''''''", "\"\\\"\" = 1", "[[a]]\n[[a]]\n[a.b]",
  ])
  func valuesOfEveryKindAreReadWhereverTheyStand(text: String) throws {
    let faults = try fixture.faults(text)
    #expect(faults.count == 1)
    #expect(faults.text.hasPrefix("is not a key that promptd knows"))
  }

  @Test(arguments: [
    "a = 1\na = 2", "[a]\n[a]", "a = 9223372036854775808", "a = 1e", "a = tru", "a = \"\\q\"",
    "a", "[a", "a = '''", "a = [1,,2]", "a = {b=1", "\r\r", "a = 1 b = 2", "a = 2026-13-01",
  ])
  func brokenTextIsAFaultWithItsPlace(text: String) throws {
    let faults = try fixture.faults(text)
    #expect(faults.count == 1)
    #expect(faults.first?.line != nil)
    #expect(faults.first?.column != nil)
  }

  /// On each of these toml++ 3.4 would abort the process.
  @Test(arguments: [
    ("[=]", 1, 2), ("[[[a]]]", 1, 3), ("[\n", 1, 2), ("# é\n\t[ .a]", 2, 4), ("\u{feff}[.]", 1, 3),
    ("a = [\n[1],\n]\n[[ = ]]", 4, 4), ("a = \"\"\"\n[=]\\\"\"\"\"\"\"\n[=]", 3, 2),
    ("a = 2026-01-01 1\n", 1, 15), ("a = [2_026-01-01 1]", 1, 17), ("a = 20=6-01-01 1\n", 1, 15),
    ("a = 2é26-01-01 1\n", 1, 6), ("a = [ \u{2028}]", 1, 7), ("a = [1, }", 1, 9),
    ("a = 1979-05-27Tx7:00", 1, 18), ("a = 20\"6-01-01 1\n", 1, 7),
    ("a = 2026\(String(repeating: "_", count: 115))-01-01 07:00", 1, 130),
  ])
  func textThatTheParserAbortsOnIsAFaultWithItsPlace(text: String, line: Int, column: Int) throws {
    let faults = try fixture.faults(text)
    #expect(faults.count == 1)
    #expect(faults.first?.line == line)
    #expect(faults.first?.column == column)
  }

  @Test(arguments: [
    "[ log ]\nlevel = 'info' # [= 07:00 \"", "[\"log\"]\n'level' = \"info\"",
    "[log]\r\nlevel='info'\r\n",
    "log . level = \"info\"", "log = { level = 'info', \"format\" = \"text\" }",
    "\u{feff}log.level = \"info\"", "log.level = \"\"\"info\"\"\"",
    "# 2026-01-01 1\nlog.level = 'info'",
    "[cache]\nvary = [\n  \"n\", # \"\n  '2026-01-01 1',\n  \"a: [=]\\\"\",\n]\n[log]\n",
  ])
  func whatOnlyLooksLikeThatIsRead(text: String) throws {
    #expect(try fixture.load(text).log.level == .info)
  }

  @Test func aKeyThatNeedsQuotesHasThemInItsPath() throws {
    let faults = try fixture.faults("[prices.\"a.b\"]\ninput = 1\noutput = \"x\"\n")
    #expect(faults.keyPaths == ["prices.\"a.b\".output"])
  }
}
