/// How the daemon stops, and who may steer it.
package struct ServiceSettings: Hashable, Sendable {
  /// How long what runs may take to finish at stop.
  package var stopTimeout = Duration.seconds(25)
  /// The groups whose members may administer, as written.
  package var adminGroups = ["promptd-admins"]

  /// What holds where no file says anything.
  package init() {}

  /// Returns the ids of the groups. The default one need not exist; one that is written must.
  mutating func read(_ reader: inout TableReader, accounts: Accounts) -> Set<UInt32> {
    reader.read("stop_timeout", .duration(.zero...(.minutes(10))), into: &stopTimeout)
    reader.read("admin_groups", .list(of: .knownGroupName(accounts)), into: &adminGroups)
    return Set(adminGroups.compactMap { accounts.group($0) })
  }
}
