import CSystemd
import Glibc

// Units name and rank peers and authorise nothing: they are looked up in files by the number of a
// process, which may have ended since (sd_peer_get_unit(3)).
extension Peer {
  /// The systemd unit of the process, else its user unit, nil if it has none; for where the
  /// connection may be closed by now, and its descriptor another's.
  package var unit: String? {
    Self.name { sd_pid_get_unit(pid, $0) } ?? Self.name { sd_pid_get_user_unit(pid, $0) }
  }

  /// The systemd unit of the peer of a connected socket, else its user unit, nil if it has none.
  package static func unit(of descriptor: Int32) -> String? {
    name { sd_peer_get_unit(descriptor, $0) } ?? name { sd_peer_get_user_unit(descriptor, $0) }
  }

  /// What a look-up finds; it fails for a process that is in no unit, or gone.
  private static func name(
    _ lookUp: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> String? {
    var name: UnsafeMutablePointer<CChar>?
    guard lookUp(&name) >= 0, let name else { return nil }
    defer { free(name) }
    return String(cString: name)
  }
}
