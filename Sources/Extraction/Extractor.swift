// Events in, files out.

internal import Crypto
package import Events
internal import MSNP
internal import Payloads

/// Takes the events of connections and writes what was transferred into a folder.
///
/// The connections of a recording come one after the other, those that carry files and direct links behind the others:
/// what they carry was agreed on elsewhere.
package struct Extractor {
    /// What was found, in the order in which it became whole or was given up.
    package private(set) var extracts: [Extract] = []
    /// How many transfers were left out because there were too many.
    package private(set) var leftOut = 0
    /// What is wrong with direct links, as sentences; of so many.
    package private(set) var troubles: [String] = []
    private static let mostTroubles = 100
    /// How many transfers one run lists: a page with more serves nobody.
    static let mostExtracts = 100_000
    /// How many more zeros than bytes that came a file may have: sizes are made up by peers, disks end.
    private static let mostMadeUp: UInt64 = 64 << 20

    private let folder: OutputFolder
    private let writesIncomplete: Bool
    private let isWanted: (Int) -> Bool
    private var transfers: Transfers
    private var spool: Spool
    private var places = Places()
    private var bySHA256: [[UInt8]: [Int]] = [:]
    private var failures: [Int: String] = [:]
    private var disputed: Set<Int> = []

    /// An extractor.
    ///
    /// - Parameters:
    ///   - folder: where files go.
    ///   - writesIncomplete: what is not whole is written too, with zeros in its holes and `.incomplete` behind its name.
    ///   - isWanted: which connections are asked for; what was seen on none of them is not written.
    package init(
        into folder: OutputFolder, writesIncomplete: Bool = false, isWanted: @escaping (Int) -> Bool = { _ in true }
    ) {
        self.folder = folder
        self.writesIncomplete = writesIncomplete
        self.isWanted = isWanted
        transfers = Transfers(.pieces) { Array(Insecure.SHA1.hash(data: $0)) }
        spool = Spool(folder)
    }

    /// Takes an event.
    package mutating func take(_ event: Event) throws {
        try note(places.take(event, &transfers))
    }

    /// Notes that all of a connection was given.
    package mutating func endOfConnection(_ connection: Int) throws {
        places.forget(connection)
        try note(transfers.close(connection, mayGoOn: true))
    }

    /// Notes that nothing more comes of a recording.
    package mutating func endOfRecording() throws {
        places.forgetAll()
        try note(transfers.finish())
        spool.dropAll()
    }

    /// Everything that was found, in the order in which it was begun.
    package var inOrder: [Extract] {
        extracts.enumerated().sorted { ($0.element.firstTime, $0.offset) < ($1.element.firstTime, $1.offset) }
            .map(\.element)
    }

    /// Removes what was begun and not finished; for when something failed.
    package mutating func abandon() { spool.dropAll() }

    /// Writes the page that shows everything.
    ///
    /// - Returns: its name.
    package func writeIndex() throws -> String {
        try folder.write(as: SafeName.index) { try IndexPage.write(inOrder, leftOut: leftOut, $0) }
    }

    private mutating func note(_ events: [TransferEvent]) throws {
        for event in events {
            switch event {
            case .piece(let piece): try write(piece)
            case .arranged(let transfer, let pieces, let start): try arrange(transfer, by: pieces, from: start)
            case .dropped(let pieces):
                failures[pieces] = nil
                spool.drop(pieces)
            case .ended(let transfer): try end(transfer)
            case .joined, .invited: break
            case .finding(let name, let text):
                // All others are told of a transfer, or by those who read the conversation.
                if name == .p2pLinkBroken, troubles.count < Self.mostTroubles { troubles.append(text) }
            }
        }
    }

    private mutating func write(_ piece: TransferPiece) throws {
        guard failures[piece.transfer] == nil else { return }
        do {
            if try !spool.write(piece) { disputed.insert(piece.transfer) }
        } catch let error as ExtractionError where error.isTooLarge {
            failures[piece.transfer] = "it says that it is larger than files can be"
            spool.drop(piece.transfer)
        }
    }

    /// Takes the bytes of a transfer as they came.
    private mutating func arrange(_ transfer: Int, by pieces: Int, from start: UInt64) throws {
        disputed.remove(transfer)
        if let failure = failures.removeValue(forKey: pieces) { failures[transfer] = failures[transfer] ?? failure }
        guard failures[transfer] == nil else { return spool.drop(pieces) }
        try spool.replace(transfer, by: pieces, from: start)
    }

    private mutating func end(_ transfer: Transfer) throws {
        var transfer = transfer
        let failure = failures.removeValue(forKey: transfer.number)
        if disputed.remove(transfer.number) != nil { transfer.findings.append(.p2pOverlapDiffers) }
        if let failure { transfer.reason = failure }
        guard transfer.places.contains(where: { isWanted($0.connection) }) else { return spool.drop(transfer.number) }
        guard extracts.count < Self.mostExtracts else {
            leftOut += 1
            return spool.drop(transfer.number)
        }
        var extract = Extract(transfer)
        if transfer.isComplete, failure == nil, let size = transfer.size {
            try keep(&extract, size)
        } else if writesIncomplete, failure == nil, let last = transfer.received.ranges.last {
            // What is behind the last byte is not made up.
            guard last.upperBound - transfer.received.count <= transfer.received.count + Self.mostMadeUp else {
                let text = "no file was written: almost all of it would be holes"
                extract.transfer.reason = transfer.reason.map { "\($0); \(text)" } ?? text
                spool.drop(transfer.number)
                return extracts.append(extract)
            }
            extract.type = try spool.type(of: transfer.number)
            extract.file = try spool.keep(transfer.number, as: extract.wishedName + ".incomplete")
            extracts.append(extract)
        } else {
            spool.drop(transfer.number)
            extracts.append(extract)
        }
    }

    /// Names what is whole, unless the same was named already.
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
        extract.file = try spool.keep(number, as: extract.wishedName)
        bySHA256[digests.sha256, default: []].append(extracts.count)
        extracts.append(extract)
    }
}
