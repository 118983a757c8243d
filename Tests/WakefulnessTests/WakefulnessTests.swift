import Testing
import Wakefulness

@Suite struct WakefulnessTests {
  private let start = SuspendingClock.now
  private var wakefulness = Wakefulness()

  private func after(_ moments: Double) -> SuspendingClock.Instant {
    start.advanced(by: Wakefulness.moment * moments)
  }

  @Test mutating func nobodyStaysAwakeForTheFirstTime() {
    #expect(!wakefulness.isAwake(at: start))
    wakefulness.begin(at: start)
    #expect(!wakefulness.isAwake(at: start))
  }

  @Test mutating func whoHadNewsSoonStaysAwakeForAMomentTheNextTime() {
    wakefulness.begin(at: start)
    wakefulness.newsCame(at: after(0.9))
    #expect(!wakefulness.isAwake(at: after(0.9)))
    wakefulness.begin(at: after(10))
    #expect(wakefulness.isAwake(at: after(10)))
    #expect(wakefulness.isAwake(at: after(10.9)))
    #expect(!wakefulness.isAwake(at: after(11.1)))
  }

  @Test mutating func newsThatTakeTheirTimeEndIt() {
    wakefulness.begin(at: start)
    wakefulness.newsCame(at: after(0.5))
    wakefulness.begin(at: after(10))
    wakefulness.newsCame(at: after(11.1))
    wakefulness.begin(at: after(20))
    #expect(!wakefulness.isAwake(at: after(20)))
  }

  @Test mutating func newsLetGoToSleep() {
    wakefulness.begin(at: start)
    wakefulness.newsCame(at: after(0.5))
    wakefulness.begin(at: after(10))
    wakefulness.newsCame(at: after(10.2))
    #expect(!wakefulness.isAwake(at: after(10.3)))
  }

  @Test mutating func newsOfNothingBegunChangeNothing() {
    wakefulness.begin(at: start)
    wakefulness.newsCame(at: after(0.5))
    wakefulness.newsCame(at: after(5))
    wakefulness.begin(at: after(10))
    #expect(wakefulness.isAwake(at: after(10.5)))
  }
}
