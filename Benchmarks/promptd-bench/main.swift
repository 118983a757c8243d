// Measures what is not seen from outside: `promptd-bench` prints a table.

for clients in [1, 20, 1000] {
  print("queue: 100,000 requests wait, of \(clients) client\(clients == 1 ? "" : "s")")
  for figure in try QueueBenchmark(requests: 100_000, clients: clients).run() {
    print("  \(figure.what): \((figure.value * 100).rounded() / 100) \(figure.unit)")
  }
}
