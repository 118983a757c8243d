import Foundation
import Testing

@testable import Systemd

struct CatalogEntryTests {
  private let sections: [String: String]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appending(path: "systemd/promptd.catalog"), encoding: .utf8)
    sections = Dictionary(
      text.components(separatedBy: "-- ").dropFirst().map { section in
        (String(section.prefix(32)), String(section.dropFirst(33)))
      }
    ) { $0 + $1 }
  }

  @Test func theCatalogExplainsEveryEntryAndNothingElse() {
    #expect(Set(sections.keys) == Set(CatalogEntry.allCases.map(\.rawValue)))
  }

  @Test func everyExplanationHasASubjectAndASentence() {
    for (id, section) in sections {
      #expect(section.hasPrefix("Subject: "), "\(id)")
      #expect(section.contains("\nDefined-By: promptd\n"), "\(id)")
      #expect(section.contains("\n\n") && section.contains("."), "\(id)")
    }
  }

  @Test func explanationsFillInFieldsThatExist() {
    let fields = Set(LogField.allCases.map(\.rawValue))
    for (id, section) in sections {
      for match in section.matches(of: /@([A-Z_]+)@/) {
        #expect(fields.contains(String(match.1)), "\(id)")
      }
    }
  }

  @Test func messageIDsAreAsTheJournalTakesThem() {
    for entry in CatalogEntry.allCases {
      #expect(entry.rawValue.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }
  }
}
