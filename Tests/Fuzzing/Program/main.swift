// `fuzz TARGET [libFuzzer's options] [corpus…]` feeds one target until something does not hold;
// `make fuzz` builds it with libFuzzer and runs all of them.

import CLibFuzzer
import FuzzTargets
import Glibc

/// What C's callback, which holds nothing, feeds.
nonisolated(unsafe) var target = FuzzTarget.lines

var arguments = CommandLine.arguments
guard arguments.count > 1, let wanted = FuzzTarget(rawValue: arguments[1]) else {
  let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
  print("fuzz: the first argument must be one of \(names)")
  exit(64)
}
target = wanted
arguments.remove(at: 1)
// A peer that closes first is no end of the program.
signal(SIGPIPE, SIG_IGN)

var count = Int32(arguments.count)
var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(
  capacity: arguments.count + 1)
for (index, argument) in arguments.enumerated() { words?[index] = strdup(argument) }
words?[arguments.count] = nil
exit(
  LLVMFuzzerRunDriver(&count, &words) { bytes, count in
    do {
      try target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
      fatalError("\(target.rawValue): \(error)")
    }
    return 0
  })
