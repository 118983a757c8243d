import ArgumentParser
import Figures
import LoadGenerator

/// The load generator by itself.
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Drives a load at any socket, and says what came of it.")

  @Option(name: .long, help: "The server's Unix socket.")
  var socket: String?

  @Option(name: .long, help: "In place of a socket: a TCP port on 127.0.0.1.")
  var port: UInt16?

  @Option(name: .long, help: "A file of requests, a line each; with --http bodies.")
  var requests: String

  @Flag(name: .long, help: "HTTP/1.1 in place of lines.")
  var http = false

  @Option(name: .long, help: "With --http, the path to POST to.")
  var path = "/v1/chat/completions"

  @Flag(name: .long, help: "Lines that are JSON-RPC calls with \"stream\": true.")
  var streamed = false

  @Option(name: .shortAndLong, help: "Connections.")
  var connections = 50

  @Option(name: .shortAndLong, help: "Requests in flight on each connection.")
  var depth = 1

  @Option(name: .shortAndLong, help: "Requests a second, whatever the server does.")
  var rate: Double?

  @Option(name: .shortAndLong, help: "Requests in all, in place of --seconds.")
  var count: Int?

  @Option(name: .shortAndLong, help: "How long, in seconds.")
  var seconds = 5.0

  @Option(name: .long, help: "Answers before those that count.")
  var warmUp = 0

  @Flag(name: .long, help: "Send what can be sent at once in one piece.")
  var gather = false

  @Flag(name: .long, help: "One JSON object in place of a table.")
  var json = false

  func validate() throws {
    guard (socket == nil) != (port == nil) else {
      throw ValidationError("one of --socket and --port is needed")
    }
    guard connections > 0, depth > 0, count ?? 1 > 0, seconds > 0, rate ?? 1 > 0, warmUp >= 0 else {
      throw ValidationError("connections, depth, rate, count and seconds must be above 0")
    }
  }

  func run() throws {
    let dialect: Dialect =
      http ? .http(path: path, headers: "") : streamed ? .streamedLines : .lines
    let endpoint = port.map(Endpoint.loopback) ?? .unix(socket ?? "")
    let length = count.map(Length.requests) ?? .seconds(seconds)
    var load = Load(endpoint, try RequestBook(file: requests, as: dialect), length)
    load.connections = connections
    load.depth = depth
    load.gathers = gather
    load.pace = rate.map { .open(perSecond: $0) } ?? .closed
    load.warmUp = warmUp
    let figures = try load.run()
    var report = Report(command: "load")
    report.rows = Self.rows(figures)
    if json {
      print(try report.json())
    } else {
      for row in report.rows { print(Table.line(row)) }
    }
    _ = try figures.checked()
  }

  /// The figures of a run, a row each.
  private static func rows(_ figures: LoadFigures) -> [Row] {
    var rows = [
      Row("answers", figures.perSecond, "/s"),
      Row("received", Double(figures.bytesReceived) / figures.seconds / 1e6, "MB/s"),
    ]
    let both = [("latency", figures.latencies), ("first chunk", figures.firstChunks)]
    for (name, latencies) in both where latencies.count > 0 {
      for percent in [50, 99, 99.9] {
        rows.append(Row("\(name), p\(Table.short(percent))", latencies.percentile(percent), "µs"))
      }
      rows.append(Row("\(name), longest", latencies.longest, "µs"))
    }
    rows.append(Row("errors", Double(figures.errors), ""))
    rows.append(Row("connections lost", Double(figures.connectionsLost), ""))
    return rows
  }
}
