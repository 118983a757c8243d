import ArgumentParser
import JSON
import PromptProtocol

/// How a question is to be answered.
struct AskOptions: ParsableArguments {
  /// The model where nobody names one.
  static let usualModel = "deepseek/deepseek-v3"
  /// Bytes of piped text, at most: the daemon refuses longer lines unless it is told otherwise.
  static let textLimit = 64 << 20
  /// Bytes of a schema, at most.
  private static let schemaLimit = 1 << 20

  @Option(
    name: .shortAndLong, help: "The model (default: $PROMPTD_MODEL, or \(usualModel)).",
    completion: DaemonNames.models)
  var model: String?

  @Option(name: .long, help: "Instructions that stand before the question.")
  var system: String?

  @Option(
    name: .long, parsing: .unconditional, help: "A number that makes the answer repeatable.")
  var seed: Seed?

  @Option(
    name: .long, parsing: .unconditional, help: "How free the answer may be, from 0 to 2.",
    transform: AskOptions.finiteNumber)
  var temperature: Double?

  @Option(name: .long, help: "The most tokens that the answer may have.")
  var maxTokens: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("A JSON schema that the answer has to satisfy.", valueName: "file"),
    completion: .file())
  var jsonSchema: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "An image to show, a file or an address; may be repeated.", valueName: "file-or-url"),
    completion: .file())
  var image: [String] = []

  @Option(
    name: .long, help: "Read the cache or not: use, refresh, bypass, only.",
    completion: .list(CacheControl.allCases.map(\.rawValue)))
  var cache: CacheControl?

  @Option(
    name: .long, help: "How urgent it is: urgent, high, normal, low, idle.",
    completion: DaemonNames.classes)
  var priority: PriorityClass?

  /// The question with this text; reads the files that the options name.
  func question(
    _ text: String, streams: Bool, environment: [String: String]
  ) throws -> Question {
    let usual = environment["PROMPTD_MODEL"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.usualModel
    var question = Question(model: model ?? usual, text: text)
    question.system = system
    question.images = try image.map(ImageSource.url)
    question.seed = seed
    question.temperature = temperature
    question.maxTokens = maxTokens
    question.schema = try jsonSchema.map(Self.schema)
    question.cache = cache
    question.priority = priority
    question.streams = streams
    return question
  }

  private static func finiteNumber(_ text: String) throws -> Double {
    guard let number = Double(text), number.isFinite else {
      throw ValidationError("\(text) is no number")
    }
    return number
  }

  private static func schema(_ path: String) throws -> AnswerSchema {
    let bytes = try InputFile.read(path, limit: schemaLimit)
    do {
      return try AnswerSchema(bytes, fileName: path)
    } catch let error as JSONError {
      throw Ending(code: 65, message: "\(path) is no JSON: it \(error)")
    }
  }
}

extension CacheControl: ExpressibleByArgument {}

extension PriorityClass: ExpressibleByArgument {
  package init?(argument: String) { self.init(name: argument) }

  package static var allValueStrings: [String] { allCases.reversed().map(\.name) }
}
