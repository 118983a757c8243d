import Figures
import Testing

struct RoundsTests {
  @Test func theMedianIsInTheMiddle() {
    #expect([3.0, 1, 2].median == 2)
    #expect([4.0, 1, 2, 3].median == 2.5)
    #expect([Double]().median.isNaN)
  }

  @Test func bothSidesAreMeasuredInTurnFirst() {
    var order = ""
    _ = Rounds(
      3,
      ours: {
        order += "o"
        return 1.0
      },
      yardstick: {
        order += "y"
        return 1.0
      })
    #expect(order == "oyyooy")
  }

  @Test func aRatioIsTheMedianOfTheRoundsAndNotThatOfTheMedians() {
    var rounds = Rounds()
    for (ours, yardstick) in [(10.0, 10.0), (20, 40), (90, 100)] {
      rounds.add(ours: ours, yardstick: yardstick)
    }
    let row = Row("x", "/s", rounds, .ratio, .atLeast(0.8))
    #expect(row.figure == 0.9)
    #expect((row.lowest, row.highest) == (0.5, 1))
    #expect((row.ours, row.yardstick) == (20, 40))
    #expect(row.ok == true)
  }

  @Test func aYardstickOfNothingMeetsNoTarget() {
    var rounds = Rounds()
    rounds.add(ours: 1, yardstick: 0)
    #expect(Row("x", "/s", rounds, .ratio, .atLeast(0.5)).ok == false)
  }

  @Test func aDifferenceHasAnUpperBound() {
    var rounds = Rounds()
    rounds.add(ours: 100, yardstick: 30)
    #expect(Row("x", "µs", rounds, .difference, .atMost(60)).ok == false)
    #expect(Row("x", "µs", rounds, .difference, .atMost(70)).ok == true)
  }
}
