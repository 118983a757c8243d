import JSON
import Testing

@testable import promptctl

/// What `top` shows, and what keys do.
struct TopTests {
  private func snapshot(total: Int, hits: Int) throws -> JSONTree {
    let json = #"""
      {"version":"1.0","state":"serving","uptime_s":61,"connections":3,"store":{"state":"serving"},
       "cache":{"memory":{"entries":3,"bytes":2048,"limit":1048576},
         "disk":{"entries":40,"bytes":4096,"limit":1073741824},
         "saved":{"answers":9,"cost":0.0123}},
       "queue":{"running":2,"queued":5,"retrying":0,"by_class":{"urgent":0,"low":5}},
       "requests":{"total":\#(total),"hits":\#(hits),"joined":0,"errors":0},
       "upstreams":[{"name":"jiekou","state":"paused","running":2,"max_concurrent":16,"queued":5,
         "mean_ms":950}],
       "clients":[{"name":"quiet","requests":1},{"name":"busy","requests":9,"running":1}]}
      """#
    return try JSONTree(parsing: json.utf8)
  }

  private func queue(_ count: Int) throws -> JSONTree {
    let rows = (0..<count).map {
      #"{"request":"r-\#($0)","client":"c\#($0 % 2)","model":"m","class":"normal","state":"queued"}"#
    }
    return try JSONTree(parsing: #"{"rows":[\#(rows.joined(separator: ","))]}"#.utf8)
  }

  private func state(rows: Int = 30) throws -> TopState {
    var state = TopState()
    state.came(status: try snapshot(total: 10, hits: 1), queue: try queue(rows), after: 1)
    state.came(status: try snapshot(total: 30, hits: 16), queue: try queue(rows), after: 2)
    return state
  }

  private func screen(_ state: TopState, _ width: Int, _ height: Int) -> [String] {
    TopScreen(state: state, width: width, height: height, style: .plain).lines
  }

  @Test(arguments: [(80, 24), (200, 60), (40, 10), (12, 3)])
  func everySizeIsFilledAndNoLineIsTooLong(width: Int, height: Int) throws {
    for state in [TopState(), try state()] {
      let lines = screen(state, width, height)
      #expect(lines.count == height)
      #expect(lines.allSatisfy { $0.count <= width })
    }
  }

  @Test func itSaysWhatTheDaemonDoes() throws {
    let lines = screen(try state(), 80, 24)
    #expect(lines[0].hasPrefix("promptd 1.0  serving  up 1 min 1 s  3 connections"))
    #expect(lines[1].hasPrefix("running 2  queued 5  retrying 0  (low 5, urgent 0)"))
    let cache = "cache  saved 9 (0.012)  memory 3 2 KiB/1 MiB  disk 40 4 KiB/1 GiB"
    #expect(lines[2] == cache)
    #expect(lines[3].hasPrefix("requests       10/s"))
    #expect(lines[3].hasSuffix("█"))
    #expect(lines[4].hasPrefix("hits           75 %"))
    #expect(lines[5].hasPrefix("upstream     950 ms"))
    #expect(lines.contains { $0.hasPrefix("jiekou    paused     2/16       5") })
    let clients = lines.firstIndex { $0.hasPrefix("CLIENT") }.map { lines[$0 + 1] }
    #expect(clients?.hasPrefix("busy") == true)
    #expect(lines.contains { $0.hasPrefix(">  r-0 ") })
  }

  @Test func theChosenRequestStaysOnTheScreen() throws {
    var state = try state()
    for _ in 0..<25 { _ = state.pressed(.down) }
    #expect(screen(state, 80, 24).contains { $0.hasPrefix(">  r-25 ") })
    #expect(state.pressed(.cancel) == .cancel(request: "r-25"))
    #expect(state.pressed(.raise) == .move(request: "r-25", to: "high"))
    #expect(state.pressed(.lower) == .move(request: "r-25", to: "low"))
    for _ in 0..<99 { _ = state.pressed(.up) }
    #expect(state.pressed(.cancel) == .cancel(request: "r-0"))
  }

  @Test func pausingEverythingTakesTheKeyTwice() throws {
    var state = try state()
    #expect(state.pressed(.pause) == nil)
    #expect(state.message.contains("p once more"))
    #expect(state.pressed(.down) == nil && state.message.isEmpty)
    #expect(state.pressed(.pause) == nil)
    #expect(state.pressed(.pause) == .pause)
    #expect(state.pressed(.pause) == nil)
  }

  @Test func aFilterIsTypedAndTakenBack() throws {
    var state = try state(rows: 4)
    for key in TopKey.keys(Array("/".utf8), isTyping: false) { _ = state.pressed(key) }
    for key in TopKey.keys(Array("c1x".utf8) + [0x7F], isTyping: true) { _ = state.pressed(key) }
    #expect(state.rows.count == 2)
    #expect(screen(state, 80, 24).last == "/c1_")
    _ = state.pressed(.enter)
    #expect(!state.isTyping)
    #expect(screen(state, 80, 24).last?.contains("filter: c1") == true)
    _ = state.pressed(.escape)
    #expect(state.rows.count == 4)
  }

  @Test func keysAreWhatATerminalSends() {
    #expect(TopKey.keys([0x1B, 0x5B, 0x41, 0x1B, 0x4F, 0x42], isTyping: false) == [.up, .down])
    #expect(
      TopKey.keys(Array("qcp?+-".utf8), isTyping: false) == [
        .quit, .cancel, .pause, .help, .raise, .lower,
      ])
    #expect(TopKey.keys([0x1B], isTyping: false) == [.escape])
    #expect(TopKey.keys([0x03], isTyping: true) == [.quit])
  }

  @Test func helpTakesTheScreenUntilItIsPressedAgain() throws {
    var state = try state()
    _ = state.pressed(.help)
    #expect(screen(state, 80, 24).contains { $0.hasPrefix("up, down, j, k") })
    _ = state.pressed(.help)
    #expect(!state.showsHelp)
  }

  @Test func aDaemonThatWasStartedAnewCountsFromNothing() throws {
    var history = TopHistory()
    for (total, hits) in [(10, 5), (20, 10), (3, 1), (5, 2)] {
      history.add(try snapshot(total: total, hits: hits), after: 1)
    }
    #expect(history.throughput == [nil, 10, nil, 2])
    #expect(history.hitRate == [nil, 0.5, nil, 0.5])
  }

  @Test func barsAreAsHighAsTheirFigures() {
    #expect(Sparkline.text([0, 1, 2, 4], width: 4) == "▁▃▅█")
    #expect(Sparkline.text([1], width: 3, most: 1) == "  █")
    #expect(Sparkline.text([nil, 1], width: 9, most: nil).hasSuffix(" █"))
    #expect(Sparkline.text([], width: 0) == "")
  }
}
