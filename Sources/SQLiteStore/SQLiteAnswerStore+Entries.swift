import Dispatch
package import PromptProtocol

/// Many entries at a time, for administrators: unlike a request's look or answer, these say when
/// the disk fails. Each completion runs exactly once, on another thread, and must not call `close`.
extension SQLiteAnswerStore {
  /// Reads a page of the entries that a filter means, whole ones (checked, with their requests) or
  /// what is known of them. The first page has everything that was queued before.
  package func readPage(
    _ filter: AnswerFilter, from place: AnswerPage.Place, whole: Bool,
    completion: @escaping @Sendable (Result<AnswerPage, StoreFault>) -> Void
  ) {
    guard place == .beginning else {
      return readPageNow(filter, from: place, whole: whole, completion: completion)
    }
    onWriter { [self] in
      readPageNow(filter, from: place, whole: whole, completion: completion)
    }
  }

  private func readPageNow(
    _ filter: AnswerFilter, from place: AnswerPage.Place, whole: Bool, isAgain: Bool = false,
    completion: @escaping @Sendable (Result<AnswerPage, StoreFault>) -> Void
  ) {
    guard let database = databaseForReading() else { return completion(.failure(fault)) }
    database.readPage(filter, from: place, whole: whole) { [self] result in
      switch result {
      case .failure(.corrupt(let file)) where !isAgain:
        noteFailure(of: database, .corrupt(file: file))
        // Once more, if the file is whole after all.
        var place = place
        place.file = database.identity
        onWriter { [self, place] in
          readPageNow(filter, from: place, whole: whole, isAgain: true, completion: completion)
        }
      default: settle(result, from: database, completion: completion)
      }
    }
  }

  /// Draws the consequences of a page that was read, on the reader's queue, and hands it on.
  private func settle(
    _ result: Result<AnswerDatabase.Finds, StoreFault>, from database: AnswerDatabase,
    completion: @escaping @Sendable (Result<AnswerPage, StoreFault>) -> Void
  ) {
    switch result {
    case .success(let finds):
      for damage in finds.damaged { foundDamaged(damage.id, checksum: damage.checksum) }
    // The database is another one, and a good one.
    case .failure(.replaced): break
    case .failure(let fault): noteFailure(of: database, fault)
    }
    withoutReader { completion(result.map(\.page)) }
  }

  /// Reads whole entries of a model among those that were used last, as one page.
  package func readRecent(
    model: String, completion: @escaping @Sendable (Result<AnswerPage, StoreFault>) -> Void
  ) {
    guard let database = databaseForReading() else { return completion(.failure(fault)) }
    database.readRecent(model: model) { [self] result in
      settle(result, from: database, completion: completion)
    }
  }

  /// Removes the entries that a filter means, among those that were queued before too, and says how
  /// many they were. Other writes go on in between. Where all are meant, files that were moved aside
  /// because they were damaged go too; where not, a file that turns out to be damaged is a failure, for
  /// nothing can be told from another in it.
  package func remove(
    _ filter: AnswerFilter, completion: @escaping @Sendable (Result<Int, StoreFault>) -> Void
  ) {
    onWriter { [self] in
      let entries = statistics().entries
      remove(filter, from: .beginning, removed: 0, of: entries, completion: completion)
    }
  }

  private func remove(
    _ filter: AnswerFilter, from place: AnswerPage.Place, removed: Int, of entries: Int,
    completion: @escaping @Sendable (Result<Int, StoreFault>) -> Void
  ) {
    do throws(StoreFault) {
      let round = try useDatabase { database throws(StoreFault) in
        try PatientThread.run {
          Result { () throws(StoreFault) in try database.remove(filter, from: place) }
        }.get()
      }
      let all = removed + round.count
      if let next = round.next {
        return onWriter { [self] in
          remove(filter, from: next, removed: all, of: entries, completion: completion)
        }
      }
      // Also where nothing was removed: what could not be stored may have come as far as the log.
      try useDatabase { database throws(StoreFault) in
        try PatientThread.run {
          Result { () throws(StoreFault) in try database.emptyLog() }
        }.get()
      }
      tidy(wrote: all > 0)
      if filter == AnswerFilter() { removeDamagedFiles() }
      completion(.success(all))
    } catch {
      completion(filter == AnswerFilter() ? removeAll(entries, after: error) : .failure(error))
    }
  }

  /// Removes all entries with their file, where they cannot be removed from it; says that they were
  /// `count`.
  private func removeAll(_ count: Int, after fault: StoreFault) -> Result<Int, StoreFault> {
    do throws(StoreFault) {
      try beginAnew()
      removeDamagedFiles()
      tidy(wrote: true)
      return .success(count)
    } catch {
      return .failure(fault)
    }
  }

  /// Stores entries that come from somewhere else, all or none, in place of those of the same keys.
  package func add(
    _ answers: [StoredAnswer], completion: @escaping @Sendable (Result<Void, StoreFault>) -> Void
  ) {
    onWriter { [self] in
      do throws(StoreFault) {
        try useDatabase(orNew: true) { database throws(StoreFault) in
          try database.write(
            readable(AnswerStoreState.Turn(orders: answers.map { .store(asKept($0)) })),
            now: now())
        }
        noteStored(answers)
        tidy(wrote: !answers.isEmpty)
        completion(.success(()))
      } catch {
        completion(.failure(error))
      }
    }
  }
}
