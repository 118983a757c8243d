import Glibc
import PromptConfiguration
import TestSupport

/// A file is a configuration, or has faults that say something.
func fuzzConfiguration(_ input: [UInt8]) throws(Broken) {
  do {
    let file = try folder.get().write(String(decoding: input, as: UTF8.self), to: "fuzzed.toml")
    let loader = ConfigurationLoader(
      environment: ["HOME": try folder.get().path], effectiveUser: 998, secrets: .none)
    _ = try loader.load(file: file)
  } catch let faults as ConfigurationFaults {
    let says = !faults.faults.isEmpty && faults.faults.allSatisfy { !$0.message.isEmpty }
    try mustHold(says, "a fault says nothing")
  } catch {
    throw Broken("no file can be written: \(error)")
  }
}

private let folder = Result { try TemporaryFolder() }
