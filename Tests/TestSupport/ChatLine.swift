/// Lines as scripts write them.
package enum ChatLine {
  /// A bare body that asks the sandbox `text`.
  package static func bare(
    _ text: String, model: String = "sandbox/echo", more: String = ""
  ) -> String {
    #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]\#(more)}"#
  }

  /// A JSON-RPC call.
  package static func call(_ id: Int, _ method: String, _ params: String? = nil) -> String {
    let params = params.map { #","params":\#($0)"# } ?? ""
    return #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"\#(params)}"#
  }
}
