// Writes the files that connections transferred into a folder.

internal import Crypto
package import Events
internal import MSNP
internal import Payloads

/// Processes the events of connections and writes the transferred files into a folder.
///
/// The connections of a recording come one after the other. Connections of file transfers and direct links come last,
/// because their transfers were negotiated on other connections.
package struct Extractor {
    /// The transfers found so far, in the order in which they completed or were given up.
    package private(set) var extracts: [Extract] = []
    /// The number of transfers left out beyond `mostExtracts`.
    package private(set) var leftOut = 0
    /// Findings about broken direct links, as sentences; at most `mostTroubles`.
    package private(set) var troubles: [String] = []
    private static let mostTroubles = 100
    /// The largest excess of gap bytes over received bytes in a file: a peer can announce any size, and disks are
    /// finite.
    private static let mostGapExcess: UInt64 = 64 << 20

    private let folder: OutputFolder
    private let mostExtracts: Int
    private let writesIncomplete: Bool
    private let isWanted: (Int) -> Bool
    private var transfers: Transfers
    private var spool: Spool
    private var offsets = OffsetTracker()
    /// The indices of complete extracts with the same data.
    private var bySHA256: [[UInt8]: [Int]] = [:]
    /// The reasons why transfers are not written, by transfer number.
    private var failures: [Int: String] = [:]
    /// The transfers whose overlapping pieces differ.
    private var conflicting: Set<Int> = []

    /// - Parameters:
    ///   - folder: the folder for the files.
    ///   - writesIncomplete: whether to write incomplete transfers too, with zeros in the gaps and `.incomplete` after
    ///     the name.
    ///   - mostExtracts: the largest number of transfers in one run: a page with more is useless.
    ///   - isWanted: whether a connection is selected; a transfer on no selected connection is not written.
    package init(
        into folder: OutputFolder, writesIncomplete: Bool = false, mostExtracts: Int = 100_000,
        isWanted: @escaping (Int) -> Bool = { _ in true }
    ) {
        self.folder = folder
        self.mostExtracts = mostExtracts
        self.writesIncomplete = writesIncomplete
        self.isWanted = isWanted
        transfers = Transfers(.pieces) { Array(Insecure.SHA1.hash(data: $0)) }
        spool = Spool(folder)
    }

    /// Processes an event.
    ///
    /// - Throws: `ExtractionError` if a file cannot be written.
    package mutating func take(_ event: Event) throws {
        try process(offsets.pass(event, to: &transfers))
    }

    /// Ends a connection: all its events were given.
    package mutating func endOfConnection(_ connection: Int) throws {
        offsets.forget(connection)
        try process(transfers.close(connection, mayGoOn: true))
    }

    /// Ends a recording: all its events were given.
    package mutating func endOfRecording() throws {
        offsets.forgetAll()
        try process(transfers.finish())
        spool.dropAll()
    }

    /// All transfers, in the order of their first events.
    package var inOrder: [Extract] {
        extracts.enumerated().sorted { ($0.element.firstTime, $0.offset) < ($1.element.firstTime, $1.offset) }
            .map(\.element)
    }

    /// Removes the unfinished files, after an error.
    package mutating func abandon() { spool.dropAll() }

    /// Writes the HTML page that shows all transfers. It replaces the page of an earlier run.
    ///
    /// - Returns: the name of its file.
    package func writeIndex(in zone: TimeZoneRules = .utc) throws -> String {
        try folder.replace(SafeName.index, ifItBeginsWith: IndexPage.mark) {
            try IndexPage.write(inOrder, leftOut: leftOut, in: zone, $0)
        }
    }

    private mutating func process(_ events: [TransferEvent]) throws {
        for event in events {
            switch event {
            case .piece(let piece): try write(piece)
            case .arranged(let transfer, let pieces, let start): try arrange(transfer, by: pieces, from: start)
            case .dropped(let pieces):
                failures[pieces] = nil
                spool.drop(pieces)
            case .ended(let transfer): try end(transfer)
            case .joined, .invited, .offered: break
            case .finding(let name, let text):
                // The other findings are in the transfers themselves, or concern the conversation.
                if name == .p2pLinkBroken, troubles.count < Self.mostTroubles { troubles.append(text) }
            }
        }
    }

    private mutating func write(_ piece: TransferPiece) throws {
        guard failures[piece.transfer] == nil else { return }
        do {
            if try !spool.write(piece) { conflicting.insert(piece.transfer) }
        } catch let error as ExtractionError where error.isTooLarge {
            failures[piece.transfer] = "its announced size is larger than files can be"
            spool.drop(piece.transfer)
        }
    }

    /// Replaces the data of a transfer with that of another reading of the same bytes.
    private mutating func arrange(_ transfer: Int, by pieces: Int, from start: UInt64) throws {
        conflicting.remove(transfer)
        if let failure = failures.removeValue(forKey: pieces) { failures[transfer] = failures[transfer] ?? failure }
        guard failures[transfer] == nil else { return spool.drop(pieces) }
        try spool.replace(transfer, by: pieces, from: start)
    }

    private mutating func end(_ transfer: Transfer) throws {
        var transfer = transfer
        let failure = failures.removeValue(forKey: transfer.number)
        if conflicting.remove(transfer.number) != nil { transfer.findings.append(.p2pOverlapDiffers) }
        if let failure { transfer.reason = failure }
        guard transfer.places.contains(where: { isWanted($0.connection) }) else { return spool.drop(transfer.number) }
        guard extracts.count < mostExtracts else {
            leftOut += 1
            return spool.drop(transfer.number)
        }
        var extract = Extract(transfer)
        if transfer.isComplete, failure == nil, let size = transfer.size {
            try keep(&extract, size)
        } else if writesIncomplete, failure == nil, let last = transfer.received.ranges.last {
            // Nothing is written after the last received byte.
            guard last.upperBound - transfer.received.count <= transfer.received.count + Self.mostGapExcess else {
                let text = "no file was written: almost all of it is missing"
                extract.transfer.reason = transfer.reason.map { "\($0); \(text)" } ?? text
                spool.drop(transfer.number)
                return extracts.append(extract)
            }
            extract.type = try spool.type(of: transfer.number)
            extract.file = try spool.keep(transfer.number, as: extract.preferredName + ".incomplete")
            extracts.append(extract)
        } else {
            spool.drop(transfer.number)
            extracts.append(extract)
        }
    }

    /// Names the file of a complete transfer, or drops it if another connection recorded the same transfer.
    private mutating func keep(_ extract: inout Extract, _ size: UInt64) throws {
        let number = extract.transfer.number
        let digests = try spool.digests(of: number, count: size)
        extract.type = digests.type
        extract.sha1 = digests.sha1
        extract.sha256 = digests.sha256
        extract.file = ""
        let same = bySHA256[digests.sha256, default: []].first { extracts[$0].isSame(as: extract) }
        if let same {
            for origin in extract.origins where !extracts[same].origins.contains(origin) {
                extracts[same].origins.append(origin)
            }
            return spool.drop(number)
        }
        extract.file = try spool.keep(number, as: extract.preferredName)
        bySHA256[digests.sha256, default: []].append(extracts.count)
        extracts.append(extract)
    }
}
