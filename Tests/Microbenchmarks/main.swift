// Measures what is not seen from outside: `microbenchmarks` prints a table, and
// `microbenchmarks fill FILE COUNT` fills a cache for those who measure from outside.

let words = CommandLine.arguments.dropFirst()
if words.first == "fill", words.count == 3, let count = words.last.flatMap({ Int($0) }) {
  let entries = try await StoreFiller(file: words[words.startIndex + 1], count: count).run()
  print("\(entries) answers are kept")
} else {
  func show(_ title: String, _ figures: [Figure]) {
    print(title)
    for figure in figures {
      print("  \(figure.what): \((figure.value * 100).rounded() / 100) \(figure.unit)")
    }
  }
  for clients in [1, 20, 1000] {
    show(
      "queue: 100,000 requests wait, of \(clients) client\(clients == 1 ? "" : "s")",
      try QueueBenchmark(requests: 100_000, clients: clients).run())
  }
  show("keys", try KeyBenchmark().run())
  show("memory", MemoryBenchmark(entries: 100_000).run())
  show("streams", StreamBenchmark().run())
  show("lines", StreamBenchmark().lines())
}
