// Matches an MSNFTP connection to the invitation that led to it.

internal import MSNP

extension FileTransfers {
    /// Starts the transfer of a connection, once the file's size is known.
    mutating func begin(
        _ connection: Int, at place: Place, _ table: inout TransferTable
    ) {
        guard let link = links[connection], !link.hasBegun else { return }
        let offerOfCookie = link.authCookie.flatMap { find($0, recipient: link.recipient) }
        let offer = offerOfCookie ?? find(at: addresses[connection])
        let size = link.wrongSize == nil ? link.size ?? offer?.offer.size : nil
        guard size != nil || link.wrongSize != nil else { return }
        links.change(connection) { link in
            link.hasBegun = true
            link.size = size
        }
        var transfer = Transfer(
            number: 0, method: .fileTransfer, kind: "file", sender: offer?.offer.sender ?? "",
            recipient: link.recipient, size: size, places: [place], lastTime: place.time)
        transfer.reason = link.wrongSize.map { "its announced length \($0) is not valid" }
        if let offer {
            transfer.name = offer.offer.name
            transfer.declaredSize = offer.offer.size
            transfer.places.append(offer.offer.place)
            offers.change(offer.key) { $0.hasConnection = true }
        }
        let key = key(connection)
        table.begin(key, transfer)
        if let wrong = link.wrongSize {
            table.report(.ftpSizeDiffers, "FIL announces \(wrong), which is not a valid file length.", key, place)
        } else if let declared = offer?.offer.size, let size, declared != size {
            let text = "A file of \(size) bytes arrived, but \(declared) were offered."
            table.report(.ftpSizeDiffers, text, key, place)
        }
        guard offerOfCookie == nil, link.authCookie != nil else { return }
        let account = link.recipient.isEmpty ? "Somebody" : link.recipient
        if offer != nil {
            let text =
                "\(account) requested a file with a cookie that was not negotiated there, or as another account."
            table.report(.ftpCookieDiffers, text, key, place)
        } else {
            let text = "\(account) requested a file with a cookie that occurred in no conversation."
            table.report(.ftpUninvited, text, key, place, assuming: .fileOfferCaptured(recipient: link.recipient))
        }
    }

    /// The offer with this cookie. Preferred is an offer to exactly this recipient that has no connection yet; else any
    /// whose recipient is the same or unknown. Of several views of one offer, the earliest counts.
    private func find(_ cookie: String, recipient: String) -> (key: OfferKey, offer: Offer)? {
        best { key, offer in
            guard offer.authCookie == cookie, offer.recipient == recipient || offer.recipient.isEmpty else {
                return nil
            }
            let isOwn = offer.recipient == recipient && !offer.hasConnection
            return (isOwn ? 0 : 1, offer.place.time, key.connection, key.cookie)
        }
    }

    /// The newest offer that has no connection yet and names this address.
    private func find(at address: HostPort?) -> (key: OfferKey, offer: Offer)? {
        guard let address else { return nil }
        return best { key, offer in
            guard !offer.hasConnection, offer.addresses.contains(address) else { return nil }
            return (0, 0 &- offer.place.time, key.connection, key.cookie)
        }
    }

    /// The offer with the lowest rank; nil excludes an offer. Ranks are unique, so the order of the dictionary has no
    /// effect.
    private func best(
        _ rank: (OfferKey, Offer) -> (Int, Int64, Int, String)?
    ) -> (key: OfferKey, offer: Offer)? {
        var best: (rank: (Int, Int64, Int, String), key: OfferKey, offer: Offer)?
        for key in offers.keys {
            guard let offer = offers[key], let rank = rank(key, offer) else { continue }
            if best.map({ rank < $0.rank }) ?? true { best = (rank, key, offer) }
        }
        return best.map { ($0.key, $0.offer) }
    }
}
