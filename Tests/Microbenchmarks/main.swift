// Measures what is not seen from outside: `microbenchmarks` prints a table, and
// `microbenchmarks fill FILE COUNT` fills a cache for those who measure from outside.

let words = CommandLine.arguments.dropFirst()
if words.first == "fill", words.count == 3, let count = words.last.flatMap({ Int($0) }) {
  let entries = try await StoreFiller(file: words[words.startIndex + 1], count: count).run()
  print("\(entries) answers are kept")
} else {
  for clients in [1, 20, 1000] {
    print("queue: 100,000 requests wait, of \(clients) client\(clients == 1 ? "" : "s")")
    for figure in try QueueBenchmark(requests: 100_000, clients: clients).run() {
      print("  \(figure.what): \((figure.value * 100).rounded() / 100) \(figure.unit)")
    }
  }
}
