import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What fuzzers found, and what they begin with.
struct CorpusTests {
  private static let folder = "\(#filePath.split(separator: "/Tests/")[0])/Tests/Fuzzing/corpus"

  @Test(arguments: FuzzTarget.allCases) func whateverWasEverFedHolds(target: FuzzTarget) throws {
    let folder = "/\(Self.folder)/\(target.rawValue)".replacing("//", with: "/")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(!names.isEmpty)
    for name in names {
      let input = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
      do throws(Broken) {
        try target.run(Array(input))
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
  }

  /// Documents by decisions at random; `make fuzz` makes better ones.
  @Test(arguments: FuzzTarget.allCases.filter { $0 != .connection })
  func whateverIsDecidedAtRandomHolds(target: FuzzTarget) throws {
    var random = SplitMix(seed: 7)
    for round in 0..<2000 {
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
