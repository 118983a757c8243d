/// Tokens that a call took in and gave out, as the upstream counted them.
package struct TokenCount: Hashable, Sendable {
  package var prompt: Int
  package var completion: Int

  package init(prompt: Int = 0, completion: Int = 0) {
    self.prompt = prompt
    self.completion = completion
  }
}
