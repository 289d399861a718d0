// Every argument, header, XML element and packet field of the tables, with a word put into it.

import Foundation
import MSNP
import TestSupport

@testable import Redaction

/// Frames with a word in one place.
enum CraftedPlaces {
    /// A command with its sender, role and dialect.
    struct CraftedCommand {
        var bytes: [UInt8]
        var side = Side.server
        var role = Role.notification
        var dialect: Dialect?
    }

    /// Something that makes a frame with a word.
    typealias Place = @Sendable (String) -> CraftedCommand

    /// All of them.
    static let all: [Place] = lines + headers + parameters + xml + invitations + packets

    // MARK: - Lines

    /// What an argument of this name usually is.
    private static func usual(_ name: String) -> String {
        switch name {
        case _ where name.hasPrefix("TrID"): "7"
        case _ where name.hasPrefix("N="): "N=a@b.c"
        case _ where name.hasPrefix("F="): "F=x"
        case _ where name.hasPrefix("C="): "C=0a"
        case _ where name.contains("=x"): name.replacing("=x", with: "=y")
        case _ where name.contains("network:"): "1:a@b.c"
        case _ where name.contains("email"): "a@b.c"
        case "state": "NLN"
        case "list": "FL"
        case "friendly", "value", "text": "x"
        case "caps": "0"
        case "caps:extcaps": "0:0"
        case "host:port", "current-host:port": "1.2.3.4:1863"
        case _ where name.utf8.allSatisfy { !($0 &- 0x61 < 26) }: String(name.prefix { $0 != "|" })
        default: "1"
        }
    }

    private static let lines: [Place] = CommandForm.all.flatMap { form -> [Place] in
        let names = form.parameters.map(\.name)
        let hasPayload = names.last == "length"
        let role = form.roles.first ?? .notification
        @Sendable func said(_ arguments: [String]) -> CraftedCommand {
            let payload = hasPayload ? "<a/>" : ""
            var arguments = arguments
            if hasPayload, !arguments.isEmpty { arguments[arguments.count - 1] = "\(payload.utf8.count)" }
            let verb = form.verb?.description ?? "911"
            let line = ([verb] + arguments).joined(separator: " ")
            return CraftedCommand(
                bytes: Array("\(line)\r\n\(payload)".utf8), side: form.side, role: role,
                dialect: form.dialects.lowerBound)
        }
        let arguments = names.map(usual)
        var places: [Place] = []
        for index in names.indices {
            places.append { word in
                var arguments = arguments
                arguments[index] = word
                return said(arguments)
            }
            // Keyed ones keep their keys, addresses what is around them.
            let usual = arguments[index]
            guard usual.contains("=") || usual.contains(":") || usual.contains("@") else { continue }
            places.append { word in
                var arguments = arguments
                arguments[index] =
                    usual.contains("=")
                    ? "\(usual.prefix { $0 != "=" })=\(word)"
                    : usual.contains("@") ? "\(word):\(usual)" : "1.2.3.4:\(word)"
                return said(arguments)
            }
        }
        // Names with raw blanks.
        if let name = names.firstIndex(of: "friendly") {
            for more in 1...3 {
                places.append { word in
                    var arguments = arguments
                    arguments.insert(contentsOf: [String](repeating: word, count: more), at: name + 1)
                    return said(arguments)
                }
            }
        }
        return places
    }

    // MARK: - Headers

    private static func framed(_ line: String, _ payload: [UInt8], _ side: Side = .server) -> CraftedCommand {
        CraftedCommand(bytes: SecretCorpus.framed(line, payload), side: side, role: .switchboard, dialect: Dialect(18))
    }

    private static func message(_ type: String, _ headers: String, _ body: String = "") -> CraftedCommand {
        framed("MSG a@b.c x", Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\(headers)\r\n\(body)".utf8))
    }

    private static let headers: [Place] = HeaderRules.names.flatMap { name -> [Place] in
        // It decides what the message is; see below.
        if name == "content-type" { return [] }
        return [
            { message("text/plain", "\(name): \($0)\r\n") }, { message("text/plain", "\(name): 1 \($0); x=\($0)\r\n") },
            { message("text/x-msmsgsinvite", "", "\(name): \($0)\r\n\r\n") },
            { message("text/x-msmsgsprofile", "\(name): \($0)\r\n") },
            {
                framed(
                    "UBN a@b.c 3",
                    Array("BYE MSNMSGR:a@b.c MSNSLP/1.0\r\n\(name): \($0)\r\n\r\n\(name): \($0)\r\n\r\n\0".utf8))
            },
            { word in
                framed(
                    "SDG 0",
                    Array(
                        "Routing: 1.0\r\n\(name): \(word)\r\n\r\nReliability: 1.0\r\n\(name): \(word)\r\n\r\nMessaging: 2.0\r\n\(name): \(word)\r\n\r\n"
                            .utf8))
            },
        ]
    }

    private static let parameters: [Place] = [
        { message("text/plain; charset=\($0)", "") }, { message("text/plain; charset=UTF-8; name=\($0)", "") },
        { message("text/plain; \($0)=x", "") }, { message("text/plain; charset=\"\($0)\"", "") },
        { message("text/plain", "X-MMS-IM-Format: FN=\($0); EF=; CO=0; CS=0; PF=22\r\n") },
        { message("text/plain", "X-MMS-IM-Format: FN=Arial; EF=\($0); CO=0; CS=0; PF=22\r\n") },
        { message("text/plain", "X-MMS-IM-Format: FN=Arial; EF=; CO=\($0); CS=0; PF=22\r\n") },
        { message("text/plain", "X-MMS-IM-Format: FN=Arial; EF=; CO=0; CS=\($0); PF=22\r\n") },
        { message("text/plain", "X-MMS-IM-Format: FN=Arial; EF=; CO=0; CS=0; PF=\($0); RL=\($0); \($0)=1\r\n") },
        { message("text/plain", "\($0): x\r\n") }, { message("text/plain", "\($0)\r\n", $0) },
        { message("text/x-msnmsgr-datacast", "", "ID: \($0)\r\nData: \($0)\r\n") },
        { message("text/x-mms-emoticon", "", "\($0)\t<msnobj Creator=\"\($0)\" \($0)=\"1\"/>\t") },
        { framed("UBN a@b.c 3", Array("\($0) MSNMSGR:\($0) MSNSLP/1.0\r\n\r\n".utf8)) },
        { framed("UBN a@b.c 3", Array("MSNSLP/1.0 \($0) \($0)\r\nVia: MSNSLP/1.0/TLP \($0) {0a}\r\n\r\n".utf8)) },
        { framed("UBN a@b.c 5", Array("\($0);\($0)".utf8)) }, { framed("QRY 1 \($0)", Array($0.utf8), .client) },
    ]

    // MARK: - XML

    private static func xml(_ text: String) -> CraftedCommand { framed("UBX 1:a@b.c", Array(text.utf8)) }

    private static let xml: [Place] = elements + attributes + markup + media

    private static let elements: [Place] = XMLRules.elements.sorted().flatMap { element -> [Place] in
        [
            { xml("<Data><\(element)>\($0)</\(element)></Data>") },
            { xml("<\(element) \($0)=\"1\"> \($0) \($0)</\(element)>") },
        ]
    }

    private static let attributes: [Place] = XMLRules.attributes.sorted().flatMap { name -> [Place] in
        ["a", "c", "d", "s", "l", "msnobj", "msg", "ml"].map { element -> Place in
            { word in xml("<\(element) \(name)=\"\(word)\" \(name) = '\(word)'/>") }
        }
    }

    private static let markup: [Place] = [
        { xml("<?xml version=\"1.0\" \($0)?><a/>") }, { xml("<?xml version=\"\($0)\"?><a/>") },
        { xml("<?\($0)?><a/>") }, { xml("<!-- \($0) --><a/>") }, { xml("<a><![CDATA[\($0)]]></a>") },
        { xml("<!DOCTYPE \($0)><a/>") }, { xml("<\($0)>x</\($0)>") }, { xml("<a \($0)>x</a>") },
        { xml("<a b=\"\($0)") }, { xml("<a \($0)") },
    ]

    private static let media: [Place] = (0..<7).map { place -> Place in
        { word in
            var parts: [String] = ["", "Music", "1", "{0} - {1}", "x", "y", ""]
            parts[place] = word
            return xml("<Data><CurrentMedia>\(parts.joined(separator: "\\0"))</CurrentMedia></Data>")
        }
    }

    // MARK: - Peer-to-peer

    private static func invitation(_ name: String, _ value: String) -> [UInt8] {
        Array(
            "INVITE MSNMSGR:a@b.c MSNSLP/1.0\r\nCSeq: 0 \r\n\r\nEUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\n\(name): \(value)\r\n\r\n\0"
                .utf8)
    }

    private static func first(
        _ data: [UInt8], session: Int = 0, total: Int? = nil, _ change: (inout [UInt8]) -> Void = { _ in }
    )
        -> CraftedCommand
    {
        var packet = peerPacket(session: session, message: 5, total: total, data)
        change(&packet)
        let head = "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: a@b.c\r\n\r\n"
        return framed("MSG a@b.c x", Array(head.utf8) + packet + [0, 0, 0, 0])
    }

    private static func second(_ data: [UInt8], items: [UInt8] = [], more: [UInt8] = [], session: Int = 0)
        -> CraftedCommand
    {
        func padded(_ items: [UInt8]) -> [UInt8] { items + [UInt8](repeating: 0, count: (4 - items.count % 4) % 4) }
        var inner: [UInt8] = [UInt8(8 + padded(more).count), 1, 0, 9]
        inner += big(session, 4)
        inner += padded(more) + data
        var outer: [UInt8] = [UInt8(8 + padded(items).count), 3]
        outer += big(inner.count, 2)
        outer += [0, 0, 1, 0]
        let head =
            "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: a@b.c;{5a1e0c3d-77aa-4b1c-9d0e-8badf00dcafe}\r\nP2P-Src: d@e.f;{5a1e0c3d-77aa-4b1c-9d0e-8badf00dcafe}\r\n\r\n"
        let body: [UInt8] = outer + padded(items) + inner + [0, 0, 0, 0]
        return framed("MSG a@b.c x", Array(head.utf8) + body)
    }

    private static let invitations: [Place] = HeaderRules.names.flatMap { name -> [Place] in
        [
            { first(invitation(name, $0)) }, { first(invitation(name, "\($0) \($0)"), total: 9_000) },
            { second(invitation(name, $0)) },
            { first(invitation(name, Data("<msnobj \(name)=\"\($0)\"/>".utf8).base64EncodedString())) },
        ]
    }

    private static let packets: [Place] = numbers + items

    /// Words in the numbers of headers: eight letters next to each other are enough to read them.
    private static let numbers: [Place] =
        [(0, 4), (0, 8), (4, 8), (8, 16), (16, 24), (28, 36), (32, 40), (36, 44), (40, 48), (32, 48)].flatMap {
            low, high -> [Place] in
            [numbers(low, high, isText: false), numbers(low, high, isText: true)]
        }

    private static func numbers(_ low: Int, _ high: Int, isText: Bool) -> Place {
        { word in
            let data = isText ? Array("BYE x MSNSLP/1.0\r\n\r\n\0".utf8) : Array(word.utf8)
            return first(data, session: isText ? 0 : 9) { header in
                let letters = Array(word.utf8.prefix(high - low))
                header.replaceSubrange(low..<low + letters.count, with: letters)
            }
        }
    }

    /// A word of so many bytes, and zeros behind it.
    private static func padded(_ word: String, to count: Int) -> [UInt8] {
        Array((Array(word.utf8) + [UInt8](repeating: 0, count: count)).prefix(count))
    }

    private static let items: [Place] = [
        { second(Array($0.utf8), session: 77) },
        { first(Array($0.utf8), session: 77) },
        { second([], items: [9, UInt8(clamping: $0.utf8.count)] + Array($0.utf8)) },
        { second([], items: [1, 12] + padded($0, to: 12)) },
        { second([1], more: [7, UInt8(clamping: $0.utf8.count)] + Array($0.utf8)) },
        { second([1], more: [1, 8] + padded($0, to: 8)) },
    ]
}
