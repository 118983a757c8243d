import Testing

@testable import PromptServer

@Suite struct ConnectionGateTests {
  @Test func eachUserHasALimitAndAllTogetherHaveOne() {
    let gate = ConnectionGate(.init(most: 3, mostForUser: 2))
    #expect(gate.enter(.user(1)) == nil)
    #expect(gate.enter(.user(1)) == nil)
    #expect(gate.enter(.user(1))?.contains("max_connections_per_user") == true)
    #expect(gate.enter(.user(2)) == nil)
    #expect(gate.enter(.user(3))?.contains("(max_connections)") == true)
    gate.leave(.user(1))
    #expect(gate.enter(.user(3)) == nil)
    #expect(gate.count == 3)
  }

  @Test func rootGetsInWhenAllPlacesAreTaken() {
    let gate = ConnectionGate(.init(most: 2, mostForUser: 1))
    #expect(gate.enter(.user(1)) == nil)
    #expect(gate.enter(.user(2)) == nil)
    #expect(gate.enter(.user(3)) != nil)
    for _ in 0..<16 { #expect(gate.enter(.user(0)) == nil) }
    #expect(gate.enter(.user(0)) != nil)
  }
}
