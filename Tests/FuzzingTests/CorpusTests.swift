import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What fuzzers found, and what they begin with.
struct CorpusTests {
  private static let folder = "\(#filePath.split(separator: "/Tests/")[0])/Tests/Fuzzing/corpus"

  private static let parsers = FuzzTarget.allCases.filter { $0 != .connection }

  private func corpus(of target: FuzzTarget) throws -> [(name: String, input: [UInt8])] {
    let folder = "/\(Self.folder)/\(target.rawValue)".replacing("//", with: "/")
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      ($0, Array(try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))))
    }
  }

  @Test(arguments: parsers) func whateverWasEverFedHolds(target: FuzzTarget) throws {
    let corpus = try corpus(of: target)
    #expect(!corpus.isEmpty)
    for (name, input) in corpus {
      do throws(Broken) { try target.run(input) } catch { Issue.record("\(name): \(error)") }
    }
  }

  @Test(.enabled(if: UserThread.isPossible, "being several users needs root"))
  func whateverWasEverSaidToADaemonIsAnswered() async throws {
    let corpus = try corpus(of: .connection)
    #expect(!corpus.isEmpty)
    let folder = try TemporaryFolder()
    try #require(chmod(folder.path, 0o755) == 0)
    try await DaemonFixture.run(
      listen: #"mode = "0666""#, cache: "keep_sandbox = true", upstream: #"models = ["m"]"#,
      in: folder
    ) { daemon in
      for (name, input) in corpus {
        // It blocks, which the threads of tests must not.
        let fault = await withCheckedContinuation { continuation in
          DispatchQueue.global().async {
            do throws(Broken) {
              try fuzzConnection(input, to: daemon.folder["promptd.sock"])
              continuation.resume(returning: String?.none)
            } catch {
              continuation.resume(returning: "\(name): \(error)")
            }
          }
        }
        #expect(fault == nil)
      }
    }
  }

  /// Documents by decisions at random; `make fuzz` makes better ones.
  @Test(arguments: parsers)
  func whateverIsDecidedAtRandomHolds(target: FuzzTarget) throws {
    var random = SplitMix(seed: 7)
    for round in 0..<300 {
      let count = Int.random(in: 0...200, using: &random)
      let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      do throws(Broken) {
        try target.run(input)
      } catch {
        Issue.record("round \(round): \(error)")
      }
    }
  }
}
