import JSON
import PromptCore
import PromptProtocol
import SQLiteStore
import Synchronization

/// Goes through kept entries for somebody, a page at a time: the next one is read once the one
/// before is on its way, so a slow reader holds little memory.
final class CacheListings: Sendable {
  private struct Listing {
    var route: Route
    var filter: AnswerFilter
    var whole: Bool
    var place = AnswerPage.Place.beginning
    var count = 0
    var damaged = 0
  }

  private let tiers: CacheTiers
  private let listings = Mutex<[RequestID: Listing]>([:])

  init(_ tiers: CacheTiers) { self.tiers = tiers }

  /// Begins: entries come to `route`, and at the end how many there were.
  func begin(_ request: RequestID, by route: Route, _ filter: AnswerFilter, whole: Bool) {
    listings.withLock {
      $0[request] = Listing(route: route, filter: filter, whole: whole)
    }
    goOn(request)
  }

  /// What was sent is on its way: reads on.
  func goOn(_ request: RequestID) {
    guard let listing = listings.withLock({ $0[request] }) else { return }
    tiers.store.readPage(listing.filter, from: listing.place, whole: listing.whole) {
      [self] result in
      switch result {
      case .failure(let fault): failed(fault, request)
      case .success(let page): took(page, request)
      }
    }
  }

  /// Nobody waits for it any more.
  func forget(_ request: RequestID) { listings.withLock { $0[request] = nil } }

  private func took(_ page: AnswerPage, _ request: RequestID) {
    var page = page
    let all = page.entries.count
    page.entries.removeAll { entry in
      if KeptEntry.isRight(entry.answer) { return false }
      tiers.remove(entry.answer)
      return true
    }
    page.damaged += all - page.entries.count
    let listing = listings.withLock { listings -> Listing? in
      listings[request]?.count += page.entries.count
      listings[request]?.damaged += page.damaged
      guard let next = page.next else {
        // Before the last entries are sent: whoever has them asks for more.
        return listings.removeValue(forKey: request)
      }
      listings[request]?.place = next
      return listings[request]
    }
    guard let listing else { return }
    let entries = page.entries.map { KeptEntry.json($0, whole: listing.whole) }
    if !entries.isEmpty { listing.route.send(.entries(entries), of: request) }
    if page.next == nil {
      listing.route.send(.told(.success(Self.result(listing))), of: request)
    } else if entries.isEmpty {
      // A page on which nothing was meant brings nobody to ask for the next.
      goOn(request)
    }
  }

  private func failed(_ fault: StoreFault, _ request: RequestID) {
    let listing = listings.withLock { $0.removeValue(forKey: request) }
    listing?.route.send(.told(.failure(fault.wireError)), of: request)
  }

  private static func result(_ listing: Listing) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("count", listing.count)
      if listing.damaged > 0 { $0.member("damaged", listing.damaged) }
    }
    return writer.bytes
  }
}

extension Route {
  /// Sends a delivery, and wakes the loop if that is needed.
  func send(_ delivery: Delivery, of request: RequestID) {
    if mailbox.append(delivery, of: request, for: session) { mailbox.wake() }
  }
}

extension StoreFault {
  /// The fault as clients are told it.
  var wireError: WireError { WireError(.storeUnavailable, description) }
}
