import Dispatch
import SQLite
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(1))) struct ReadingConnectionsTests {
  private let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
    fixture.storeOneAndClose()
  }

  private func connections(_ count: Int) throws -> ReadingConnections {
    try ReadingConnections(count, path: fixture.file, label: "test.reading")
  }

  /// What a read gives.
  private func read(
    _ connections: ReadingConnections, _ sql: String = "SELECT 1"
  ) async throws -> Int64? {
    try await withCheckedThrowingContinuation { continuation in
      connections.read({ try $0.integer(sql) }, completion: { continuation.resume(with: $0) })
    }
  }

  @Test(arguments: [1, 2]) func eachOfManyReadsGetsItsOwnAnswer(count: Int) async throws {
    let connections = try connections(count)
    defer { connections.close() }
    try await withThrowingTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<500 {
            let sum = try await read(connections, "SELECT \(task) * 1000 + \(number)")
            #expect(sum == Int64(task * 1000 + number))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func readsOfOneConnectionKeepTheirOrder() async throws {
    let connections = try connections(1)
    defer { connections.close() }
    let (numbers, done) = AsyncStream<Int>.makeStream()
    for number in 0..<1000 {
      connections.read({ _ in number }) { if case .success(let number) = $0 { done.yield(number) } }
    }
    var expected = 0
    for await number in numbers {
      #expect(number == expected)
      expected += 1
      if expected == 1000 { break }
    }
  }

  @Test func aReadThatTakesLongHoldsUpNoOther() async throws {
    let connections = try connections(2)
    let gate = DispatchSemaphore(value: 0)
    let (ends, done) = AsyncStream<Void>.makeStream()
    connections.read({ _ in gate.wait() }, completion: { _ in done.finish() })
    for _ in 0..<100 { #expect(try await read(connections) == 1) }
    gate.signal()
    for await _ in ends {}
    connections.close()
  }

  @Test func whatIsReadAfterTheEndFails() async throws {
    let connections = try connections(2)
    connections.close()
    await #expect(throws: SQLiteError.closed) { _ = try await read(connections) }
  }
}
