package import LoadGenerator

/// The LiteLLM proxy with its local cache, from PyPI, in a virtual environment of its own.
package final class LiteLLM {
  /// The program.
  package let process: Subprocess
  /// Where it takes connections.
  package let endpoint: Endpoint
  private let workspace: Workspace

  /// An installation with all its dependencies takes minutes at a slow mirror.
  private static let installationSeconds = 900
  /// Importing its modules takes most of it.
  private static let startSeconds = 180

  /// Starts it in front of an upstream on a port of 127.0.0.1, for the model `bench/model`. What is
  /// not in `folder` yet is installed there; throws `.notInstalled` without Python.
  package init(upstream: UInt16, folder: String, in workspace: Workspace) throws(PeerError) {
    self.workspace = workspace
    let program = try Self.install(folder, workspace)
    let port = try FreePort.find()
    endpoint = .loopback(port)
    let file = workspace["\(workspace.freshName("litellm")).yaml"]
    try Files.write(Self.configuration(upstream), to: file)
    process = try workspace.start(
      program, ["--config", file, "--host", "127.0.0.1", "--port", "\(port)"],
      environment: [
        // Without it the prices of models are fetched from a server far away.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        // It has no keys to give away, and listens on this machine alone.
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
      ])
    try workspace.awaitConnection(to: endpoint, of: process, seconds: Self.startSeconds)
  }

  /// Ends it.
  package func end() { workspace.end(process) }

  /// The program, installed at its first use.
  private static func install(
    _ folder: String, _ workspace: Workspace
  ) throws(PeerError) -> String {
    let program = "\(folder)/bin/litellm"
    if Files.exists(program) { return program }
    let python = try Programs.find("python3")
    _ = try workspace.run(python, ["-m", "venv", folder], seconds: installationSeconds)
    _ = try workspace.run(
      "\(folder)/bin/pip", ["install", "--quiet", "litellm[proxy]"],
      seconds: installationSeconds)
    return program
  }

  private static func configuration(_ upstream: UInt16) -> String {
    """
    model_list:
      - model_name: bench/model
        litellm_params:
          model: openai/bench/model
          api_base: http://127.0.0.1:\(upstream)/v1
          api_key: none
    litellm_settings:
      cache: true
      cache_params:
        type: local

    """
  }
}
