import Testing

@testable import SQLiteStore

@Suite struct UseNotesTests {
  private func key(_ number: Int) -> AnswerKey {
    AnswerKey(key: .make(number), variant: .make(0))
  }

  @Test func anEntryIsNotedOnceAMinute() {
    var notes = UseNotes()
    notes.note(key(1), at: 0)
    notes.note(key(1), at: 59_999)
    notes.note(key(2), at: 59_999)
    notes.note(key(1), at: 60_000)
    #expect(
      notes.take() == [
        .init(key: key(1), time: 0), .init(key: key(2), time: 59_999),
        .init(key: key(1), time: 60_000),
      ])
    #expect(notes.isEmpty)
  }

  @Test func takingThemDoesNotForgetTheMinute() {
    var notes = UseNotes()
    notes.note(key(1), at: 0)
    _ = notes.take()
    notes.note(key(1), at: 1)
    #expect(notes.isEmpty)
  }

  @Test func theyAreBounded() {
    var notes = UseNotes()
    for number in 0..<UseNotes.enough - 1 { notes.note(key(number), at: 0) }
    #expect(!notes.areEnough)
    for number in 0..<UseNotes.limit * 2 { notes.note(key(number), at: 0) }
    #expect(notes.areEnough)
    #expect(notes.take().count == UseNotes.limit)
  }
}
