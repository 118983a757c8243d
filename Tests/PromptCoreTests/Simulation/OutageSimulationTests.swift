import PromptProtocol
import TestSupport
import Testing

@testable import PromptCore

/// An upstream that is away for a minute, under load.
@Suite struct OutageSimulationTests {
  /// Twenty requests a second for three minutes; for the second of them no call succeeds.
  private func outage(_ kind: CallFault.Kind, slots: Int = 16) throws -> Simulation {
    var simulation = Simulation(slots: slots)
    simulation.length = { _ in 0.5 }
    simulation.fault = { (60..<120).contains($0) ? .make(kind) : nil }
    let client = simulation.client("a")
    for number in 0..<3600 { try simulation.arrive(client, at: Double(number) / 20) }
    simulation.runOut()
    return simulation
  }

  private func opened(_ simulation: Simulation) throws -> Double {
    try #require(simulation.changes.first { if case .failing = $0.1 { true } else { false } }).at
  }

  private func recovered(_ simulation: Simulation) throws -> Double {
    try #require(simulation.changes.first { $0.1 == .recovered }).at
  }

  private static let kinds: [CallFault.Kind] = [.connect, .reset, .status(503)]

  @Test(arguments: kinds)
  func onlyProbesAreMadeMeanwhile(_ kind: CallFault.Kind) throws {
    let simulation = try outage(kind)
    let opened = try opened(simulation)
    #expect(opened < 61)
    let probes = simulation.changes.count { $0.1 == .probing && $0.at < 120 }
    let calls = simulation.starts.count { $0.time > opened && $0.time < 120 }
    #expect(probes >= 2)
    #expect(Double(calls) <= 1.2 * Double(probes), "\(calls) calls, \(probes) probes")
  }

  @Test(arguments: kinds)
  func everyRequestThatMayWaitIsAnswered(_ kind: CallFault.Kind) throws {
    let simulation = try outage(kind)
    #expect(simulation.replies.count == 3600)
    let failures = simulation.replies.values.filter {
      if case .failure = $0 { true } else { false }
    }
    #expect(failures.isEmpty, "\(failures.prefix(3))")
  }

  @Test(arguments: kinds)
  func afterItTheCallsComeBackByAndBy(_ kind: CallFault.Kind) throws {
    let simulation = try outage(kind)
    let recovered = try recovered(simulation)
    // A call takes half a second: how many begin in each half second after the first answer.
    let ramp = (0..<6).map { step in
      let from = recovered + Double(step) / 2
      return simulation.starts.count { $0.time >= from && $0.time < from + 0.5 }
    }
    #expect(ramp == [1, 2, 4, 8, 16, 16])
  }

  @Test func whatMayNotWaitSoLongIsToldWhatFails() throws {
    var simulation = Simulation()
    simulation.fault = { $0 < 100 ? .make(.reset) : nil }
    let client = simulation.client("a")
    var options = RequestOptions()
    options.maxWait = 20
    let requests = try (0..<50).map {
      try simulation.arrive(client, at: Double($0), options: options)
    }
    simulation.runOut()
    for request in requests {
      guard case .failure(let error) = simulation.replies[request] else {
        Issue.record("\(request) was answered")
        continue
      }
      #expect(error.message.contains("gone"), "\(error.message)")
    }
  }
}
