// Matches a file's own connection to the invitation that led to it.

internal import MSNP

extension FileTransfers {
    /// Begins the file of a connection, once its length is known.
    mutating func begin(
        _ connection: Int, at place: Place, _ table: inout TransferTable
    ) {
        guard let link = links[connection], !link.hasBegun else { return }
        let promised = link.authCookie.flatMap { find($0, recipient: link.recipient) }
        let offer = promised ?? find(at: addresses[connection])
        let size = link.wrongSize == nil ? link.size ?? offer?.offer.size : nil
        guard size != nil || link.wrongSize != nil else { return }
        links.change(connection) { link in
            link.hasBegun = true
            link.size = size
        }
        var transfer = Transfer(
            number: 0, method: .fileTransfer, kind: "file", sender: offer?.offer.sender ?? "",
            recipient: link.recipient, size: size, places: [place], lastTime: place.time)
        transfer.reason = link.wrongSize.map { "its length was told as \($0), which is none" }
        if let offer {
            transfer.name = offer.offer.name
            transfer.declaredSize = offer.offer.size
            transfer.places.append(offer.offer.place)
            offers.change(offer.key) { $0.wasSeen = true }
        }
        let key = key(connection)
        table.begin(key, transfer)
        if let wrong = link.wrongSize {
            table.report(.ftpSizeDiffers, "FIL tells \(wrong), which is no length of a file.", key, place)
        } else if let declared = offer?.offer.size, let size, declared != size {
            let text = "A file of \(size) bytes came, where \(declared) were offered."
            table.report(.ftpSizeDiffers, text, key, place)
        }
        guard promised == nil, link.authCookie != nil else { return }
        let who = link.recipient.isEmpty ? "Somebody" : link.recipient
        if offer != nil {
            let text =
                "\(who) came for a file with another cookie than was agreed on there, or in the place of somebody else."
            table.report(.ftpCookieDiffers, text, key, place)
        } else {
            let text = "\(who) came for a file with a cookie of which nothing was said in any conversation."
            table.report(.ftpUninvited, text, key, place, assuming: .fileOfferCaptured(recipient: link.recipient))
        }
    }

    /// The offer that a cookie belongs to: one for this recipient of which nothing came yet, else one whose recipient may be
    /// this one. Of several views of it, the first.
    private func find(_ cookie: String, recipient: String) -> (key: OfferKey, offer: Offer)? {
        best { key, offer in
            guard offer.authCookie == cookie, offer.recipient == recipient || offer.recipient.isEmpty else {
                return nil
            }
            let isOwn = offer.recipient == recipient && !offer.wasSeen
            return (isOwn ? 0 : 1, offer.place.time, key.connection, key.cookie)
        }
    }

    /// The newest offer that leads to an address and of which nothing came yet.
    private func find(at address: HostPort?) -> (key: OfferKey, offer: Offer)? {
        guard let address else { return nil }
        return best { key, offer in
            guard !offer.wasSeen, offer.addresses.contains(address) else { return nil }
            return (0, 0 &- offer.place.time, key.connection, key.cookie)
        }
    }

    /// The offer with the lowest rank, so that the order of a dictionary decides nothing; those without a rank do not fit.
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
