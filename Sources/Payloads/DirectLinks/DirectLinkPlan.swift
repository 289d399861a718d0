// Decides how an agreement on a direct link names the relay's address instead, and makes the changed message. Pure.

package import MSNP

/// How a message will name an address of the relay.
package struct DirectLinkPlan: Sendable {
    /// The address that it will name.
    package let host: String
    /// The ports that it can name.
    package let ports: ClosedRange<UInt16>
    private let agreement: DirectLinkAgreement
    /// Whether the frame keeps its length.
    private let keepsLength: Bool
    /// What replaces the address list; nil for an invitation.
    private let list: (line: DirectLinkAgreement.Line, text: String)?

    /// The changed message.
    package struct Edit: Sendable, Hashable {
        package var bytes: [UInt8]
        /// If its size changed: what the client's acknowledgement says, and what its sender must get instead.
        package var acknowledgement: Acknowledgement?
    }

    /// An acknowledgement whose size has to be changed back.
    package struct Acknowledgement: Sendable, Hashable {
        package var identifier: UInt32
        package var changed: UInt64
        package var original: UInt64
    }

    /// Chooses the address; nil if the message cannot name one of the relay's without harm to the sequence numbers.
    ///
    /// - Parameters:
    ///   - agreement: the message.
    ///   - host: the relay's IPv4 address, as the client reaches it.
    ///   - isLocal: whether the client is on the relay's machine, so that all loopback addresses reach it.
    package init?(_ agreement: DirectLinkAgreement, host: String, isLocal: Bool) {
        guard !agreement.addresses.isEmpty else { return nil }
        self.agreement = agreement
        guard case .packet = agreement.carrier else {
            (self.host, ports, keepsLength, list) = (host, 1_024...UInt16.max, false, nil)
            return
        }
        let lists = Self.lists.compactMap { list, port -> (DirectLinkAgreement.Line, digits: Int)? in
            guard let list = agreement.line(list), let port = agreement.line(port), !list.value.isEmpty else {
                return nil
            }
            return (list, port.value.count)
        }
        for (line, digits) in lists {
            guard let ports = Self.ports[digits] else { continue }
            let loopback = isLocal ? AddressList.loopback(ofLength: line.value.count) : nil
            guard let text = loopback ?? AddressList.filled(host, to: line.value.count) else { continue }
            (self.host, self.ports, keepsLength, list) = (loopback ?? host, ports, true, (line, text))
            return
        }
        guard let line = lists.first?.0, agreement.wholePacket != nil else { return nil }
        (self.host, ports, keepsLength, list) = (host, 1_024...UInt16.max, false, (line, host))
    }

    private static let lists: [(DirectLinkAgreement.Key, DirectLinkAgreement.Key)] = [
        (.internalList, .internalPort), (.externalList, .externalPort),
    ]
    /// The ports with so many digits.
    private static let ports: [Int: ClosedRange<UInt16>] = [4: 1_024...9_999, 5: 10_000...UInt16.max]

    /// The message with the relay's address.
    package func edit(port: UInt16) -> Edit? {
        var changes: [(range: Range<Int>, with: [UInt8])] = []
        func set(_ line: DirectLinkAgreement.Line?, _ text: String) {
            guard let line else { return }
            changes.append((line.value, line.isBackward ? text.utf8.reversed() : Array(text.utf8)))
        }
        if let (line, text) = list {
            set(line, text)
            set(agreement.line(line.key == .internalList ? .internalPort : .externalPort), String(port))
            changes += agreement.lines.filter { $0.key.isAddress && $0 != line }.map(DirectLinkAgreement.disabling)
        } else {
            for key in [DirectLinkAgreement.Key.address, .internalAddress] { set(agreement.line(key), host) }
            set(agreement.line(.port), String(port))
            for key in [DirectLinkAgreement.Key.maskedPort, .maskedInternalPort] {
                set(agreement.line(key), String(port ^ 0x3141))
            }
        }
        let difference = changes.reduce(0) { $0 + $1.with.count - $1.range.count }
        guard difference != 0 else { return keepsOrder(changes, nil) }
        guard !keepsLength else { return nil }
        return mended(changes, difference)
    }

    /// Mends the lengths around a text that grew or shrank.
    private func mended(_ changes: [(range: Range<Int>, with: [UInt8])], _ difference: Int) -> Edit? {
        var (changes, difference) = (changes, difference)
        var acknowledgement: Acknowledgement?
        if case .packet(_, let start) = agreement.carrier {
            guard let header = agreement.wholePacket else { return nil }
            if let range = agreement.contentLength, let length = Decimal.value(of: agreement.frame.bytes[range]) {
                guard let changed = Self.sum(length, difference) else { return nil }
                let digits = Array(String(changed).utf8)
                changes.append((range, digits))
                difference += digits.count - range.count
            }
            guard let total = Self.sum(header.totalSize, difference) else { return nil }
            changes.append((start + 16..<start + 24, Self.little(total, 8)))
            changes.append((start + 24..<start + 28, Self.little(total, 4)))
            acknowledgement = Acknowledgement(
                identifier: header.identifier, changed: total, original: header.totalSize)
        }
        guard let range = agreement.frame.argumentRanges.last,
            let length = Self.sum(UInt64(agreement.frame.payload.count), difference)
        else { return nil }
        changes.append((range, Array(String(length).utf8)))
        return keepsOrder(changes, acknowledgement)
    }

    private func keepsOrder(
        _ changes: [(range: Range<Int>, with: [UInt8])], _ acknowledgement: Acknowledgement?
    ) -> Edit {
        let sorted = changes.sorted { $0.range.lowerBound < $1.range.lowerBound }
        return Edit(bytes: agreement.frame.replacing(sorted), acknowledgement: acknowledgement)
    }

    private static func sum(_ number: UInt64, _ difference: Int) -> UInt64? {
        Int(exactly: number).flatMap { length in
            let (sum, overflow) = length.addingReportingOverflow(difference)
            return overflow ? nil : UInt64(exactly: sum)
        }
    }

    private static func little(_ number: UInt64, _ width: UInt64) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: number &>> (8 * $0)) }
    }
}

extension DirectLinkPlan.Acknowledgement {
    /// The frame with the original size, if it is the client's acknowledgement of the changed message.
    package func translated(_ frame: Frame) -> [UInt8]? {
        guard frame.verb == "MSG", let envelope = PeerEnvelope(frame, from: .client), envelope.version == .one,
            let bytes = envelope.packets.first, let header = PeerHeader(bytes), header.isAcknowledgement,
            header.ackIdentifier == identifier, header.ackDataSize == changed
        else { return nil }
        let size = (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: original &>> (8 * $0)) }
        return frame.replacing([(bytes.startIndex + 40..<bytes.startIndex + 48, size)])
    }
}
