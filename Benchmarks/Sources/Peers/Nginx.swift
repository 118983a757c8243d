import Glibc
package import LoadGenerator

/// nginx with one worker, as an upstream that always says the same, and as a cache in front of it
/// that goes by the bodies of POST requests.
package final class Nginx {
  /// The program.
  package let process: Subprocess
  /// The upstream's socket, and that of the cache.
  package let upstream: String
  package let cache: String
  /// Where the upstream is for those that cannot dial a Unix socket.
  package let port: UInt16
  private let workspace: Workspace

  /// The cache, to connect to.
  package var cacheEndpoint: Endpoint { .unix(cache) }

  /// Starts it with the upstream's answer, JSON without `'`; throws `.notInstalled`.
  package init(answer: String, in workspace: Workspace) throws(PeerError) {
    let program = try Programs.find("nginx")
    self.workspace = workspace
    let folder = try workspace.freshFolder("nginx")
    upstream = "\(folder)/upstream.sock"
    cache = "\(folder)/cache.sock"
    port = try FreePort.find()
    let file = "\(folder)/nginx.conf"
    try Files.write(Self.configuration(folder, port, answer), to: file)
    process = try workspace.start(program, ["-c", file, "-p", folder])
    try workspace.awaitConnection(to: .unix(upstream), of: process)
    try workspace.awaitConnection(to: .unix(cache), of: process)
  }

  /// Ends it.
  package func end() { workspace.end(process) }

  private static func configuration(_ folder: String, _ port: UInt16, _ answer: String) -> String {
    // Its worker would take another user, which has no way into the folder.
    let user = geteuid() == 0 ? "user root;" : ""
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: "\n  ")
    return """
      \(user)
      worker_processes 1;
      daemon off;
      pid \(folder)/nginx.pid;
      error_log \(folder)/error.log;
      events { worker_connections 4096; }
      http {
        access_log off;
        # Connections are kept for the whole run, on both sides.
        keepalive_requests 1000000000;
        client_max_body_size 64m;
        client_body_buffer_size 1m;
        client_body_in_single_buffer on;
        \(folders)
        server {
          listen unix:\(folder)/upstream.sock;
          listen 127.0.0.1:\(port);
          location / { default_type application/json; return 200 '\(answer)'; }
        }
        \(cacheServer(folder))
      }

      """
  }

  /// The cache in front of the upstream, which it calls over kept-alive connections.
  private static func cacheServer(_ folder: String) -> String {
    """
    proxy_cache_path \(folder)/kept keys_zone=kept:64m levels=1:2 use_temp_path=off;
    upstream api { server unix:\(folder)/upstream.sock; keepalive 64; }
    server {
      listen unix:\(folder)/cache.sock;
      location / {
        proxy_pass http://api;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host api;
        proxy_cache kept;
        proxy_cache_methods POST;
        proxy_cache_key "$request_uri|$request_body";
        proxy_cache_valid 200 1h;
        proxy_cache_lock on;
      }
    }
    """
  }
}
