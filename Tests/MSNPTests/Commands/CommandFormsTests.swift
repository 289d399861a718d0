// The commands table gives every argument its name, and is never led astray by a line.

import Foundation
import TestSupport
import Testing

@testable import MSNP

@Suite struct CommandFormsTests {
    @Test func everyRowWithADirectionGivesAForm() {
        var without: [String] = []
        var count = 0
        for row in Rows(of: commandRows) {
            count += 1
            if Side(direction: row["direction"]) == nil { without.append(String(row["command"])) }
        }
        #expect(count > 180)
        // `ILN` stands for later dialects too, in a form of its own.
        #expect(CommandForm.all.count == count - without.count + 1)
        // Words that are no verbs, or in no source.
        #expect(without == ["MFN", "PHN", "CCG", "CRE", "REF", "EPN"])
    }

    /// What the program knows is what stands in `tables/`, without the comment lines.
    @Test func theTablesAreThoseInTheRepository() throws {
        let folder = Repository.root.appending(path: "tables")
        for (file, rows) in [
            ("commands.tsv", commandRows), ("errors.tsv", errorRows), ("payload-table.tsv", payloadRows),
        ] {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(lines.joined(separator: "\n") == rows, "run tools/make-tables for \(file)")
        }
    }

    @Test func knownVerbsAreThoseWithForms() {
        for verb in ["VER", "MSG", "ILN", "217", "ZZZ", "UBX", "QRY", "PNG", "QNG"] as [Verb] {
            for side in Side.allCases {
                #expect(CommandForm.isKnown(verb, from: side) == !CommandForm.forms(of: verb, from: side).isEmpty)
            }
        }
    }

    /// Forms whose arguments are determined by their places are matched without search, with the same result.
    @Test func placesGiveTheSameResultAsASearch() throws {
        var generator = SeededGenerator(seed: 7)
        let table = CommandTable.shared
        let words = ["", "1", "NLN", "a@b.c", "{x}", "N=a@b.c", "FL", "x", "4294967295", "0"]
        var matched = 0
        for shape in table.shapes where shape.isPositional {
            for _ in 0..<40 {
                let count = Int.random(in: shape.fewest...min(shape.most, shape.fewest + 4), using: &generator)
                let line = (["USR"] + (0..<count).map { _ in words.randomElement(using: &generator) ?? "" })
                    .joined(separator: " ")
                let frame = try #require(Frame(raw(line + "\r\n")))
                let tokens = Tokens(frame, to: frame.lineEnd)
                guard tokens.count >= shape.fewest, tokens.count <= shape.most else { continue }
                let found = table.match(shape, tokens, of: frame.bytes.span)
                let searched = table.search(shape, tokens, of: frame.bytes.span)
                #expect(found == searched, "\(line)")
                if found != nil { matched += 1 }
            }
        }
        #expect(matched > 500)
    }

    @Test func aDialectNewerThanTheTableHasNoCommandsOfOldOnes() throws {
        let frame = try #require(Frame(raw("INF 2\r\n")))
        for (dialect, isInDialect) in [(2, true), (8, false), (34, false)] as [(UInt8, Bool)] {
            let reading = CommandReading(frame, from: .client, role: .notification, dialect: Dialect(dialect))
            #expect(reading?.isInDialect == isInDialect, "\(dialect)")
        }
    }

    /// A line made from each row's syntax gets the names of the row, in the row's dialect, side and role.
    @Test func aLineMadeFromEachRowIsNamedBackToItsParameters() throws {
        for row in Rows(of: commandRows) {
            guard let form = CommandForm(row), !row["params"].hasPrefix("(") else { continue }
            for everything in [true, false] {
                let parameters = form.parameters.filter { everything || !$0.isOptional }
                let verb = form.verb?.description ?? "217"
                let line = ([verb] + parameters.map(sampleArgument)).joined(separator: " ")
                let frame = try #require(Frame(raw(line + "\r\n")))
                let names = parameters.map(\.name)
                let reading = try #require(
                    CommandReading(
                        frame, from: form.side, role: form.roles.first ?? .notification,
                        dialect: form.dialects.lowerBound), "\(line)")
                #expect(reading.isInDialect && reading.isInRole, "\(line)")
                // Two rows of the table may allow the same line; what they call its arguments must then agree in number.
                let found = reading.names(of: frame)
                if reading.form.notes == form.notes, reading.form.parameters == form.parameters {
                    #expect(found == names, "\(row["command"]) \(row["params"]): \(line)")
                }
                #expect(found.count == names.count, "\(line)")
            }
        }
    }

    private func sampleArgument(for parameter: Parameter) -> String {
        let name = parameter.name
        if ["TrID", "length", "number", "minutes", "list-version", "list-bits", "network-bits"].contains(name) {
            return "7"
        }
        if name == "email" { return "a@b" }
        guard let choice = name.split(separator: "|").first else { return "x" }
        return choice.contains("=") ? "\(choice)x" : String(choice)
    }

    struct Known: CustomTestStringConvertible {
        var line: String
        var side: Side
        var role: Role
        var dialect: UInt8
        var names: String
        var testDescription: String { "\(line) in MSNP\(dialect)" }

        init(_ line: String, _ side: Side, _ role: Role, _ dialect: UInt8, _ names: String) {
            self.line = line
            self.side = side
            self.role = role
            self.dialect = dialect
            self.names = names
        }
    }

    @Test(arguments: [
        Known("VER 1 MSNP4 MSNP3 CVR0", .client, .notification, 4, "TrID dialect dialect dialect"),
        Known("USR 6 MD5 S 989048851.18", .server, .notification, 2, "TrID MD5 S salt"),
        Known("USR 7 OK a@b.c Ann 1 0", .server, .notification, 8, "TrID OK email friendly verified restricted"),
        Known("USR 7 OK a@b.c 1 0", .server, .notification, 15, "TrID OK email verified restricted"),
        Known("USR 1 OK a@b.c Ann", .server, .switchboard, 8, "TrID OK email friendly"),
        Known("USR 1 a@b.c 17.2", .client, .switchboard, 8, "TrID email cookie"),
        Known(
            "LST 7 FL 12 1 2 a@b.c B", .server, .notification, 2, "TrID list list-version index total email friendly"),
        Known("LST a@b.c B 11 0,1", .server, .notification, 8, "email friendly list-bits group-ids"),
        Known(
            "LST N=a@b.c F=B C=d6de 11 57cf", .server, .notification, 10,
            "N=email F=friendly C=contact-guid list-bits group-guids"),
        Known("LST N=a@b.c F=M 8", .server, .notification, 10, "N=email F=friendly list-bits"),
        Known(
            "LST N=a@b.c F=B C=d6de 11 1", .server, .notification, 12,
            "N=email F=friendly C=contact-guid list-bits network-bits"),
        Known("ILN 9 AWY a@b.c B 24", .server, .notification, 8, "TrID state email friendly caps"),
        Known("ILN 9 NLN a@b.c 1 B 19 0", .server, .notification, 15, "TrID state email network friendly caps msnobj"),
        Known("XFR 3 NS 1.2.3.4:5 0 1.2.3.4:6", .server, .notification, 7, "TrID NS host:port 0 current-host:port"),
        Known("XFR 3 NS 0", .server, .notification, 10, "TrID NS 0"),
        Known("XFR 15 SB 1.2.3.4:5 CKI 17.2", .server, .notification, 8, "TrID SB host:port CKI cookie"),
        Known("BPR 27 a@b.c PHH 5", .server, .notification, 7, "list-version email property value"),
        Known("GTC A", .server, .notification, 8, "A|N"),
        Known("OUT RCT 5", .server, .notification, 11, "OTH|SSD|MIG|TOU|RCT minutes"),
        Known(
            "CVQ 2 0x0409 winnt 5.1 i386 MSMSGS 2.1 ", .client, .notification, 4,
            "TrID lcid os-type os-ver arch library client-ver (empty)"),
        Known("ADL 7 OK", .server, .notification, 15, "TrID OK"),
        Known("ADL 0 144", .server, .notification, 15, "0 length"),
        Known("QNG 50", .server, .notification, 9, "seconds-to-next"), Known("QNG", .server, .notification, 2, ""),
        Known("217 7", .server, .switchboard, 8, "TrID"), Known("241 13 43", .server, .notification, 15, "TrID length"),
        Known("PAG 7 x y 5", .server, .notification, 5, "TrID argument argument length"),
        Known("604", .server, .notification, 8, ""), Known("VER MSNFTP", .client, .fileTransfer, 8, "MSNFTP"),
    ]) func theBestFormIsTheOneOfTheDialect(_ known: Known) throws {
        let frame = try #require(Frame(raw(known.line + "\r\n")))
        let best = CommandReading(frame, from: known.side, role: known.role, dialect: Dialect(known.dialect))
        #expect(best?.names(of: frame).joined(separator: " ") == known.names)
        #expect(best?.isInDialect == true)
        #expect(CommandReading(frame, from: known.side, role: .unknown, dialect: nil) != nil)
    }

    @Test(arguments: ["ZZZ 1", "USR", "XFR a b c d e f g h i j", "QNG 50 60", "VER x MSNP8"]) func linesWithoutAForm(
        _ line: String
    ) throws {
        let frame = try #require(Frame(raw(line + "\r\n")))
        #expect(CommandReading(frame, from: .server, role: .notification, dialect: nil) == nil)
    }

    /// Thousands of tokens take neither the time nor the stack of the program.
    @Test(arguments: [
        "VER 1", "217", "LST", "FND 1", "USR 1 SSO S", "PRP", "OUT", "FSL", "BPR", "PAG 1", "200 1", "LKP",
    ]) func hostileLines(
        _ start: String
    ) throws {
        for token in ["", "1", "x", "N=", "TrID"] {
            let line = start + String(repeating: " " + token, count: 100_000)
            let frame = try #require(Frame(raw(line + "\r\n")))
            for side in Side.allCases {
                let best = CommandReading(frame, from: side, role: .notification, dialect: nil)
                // An empty value is an argument, a blank is not.
                let count = frame.arguments.count
                #expect(best.map { [count, count + 1].contains($0.names(of: frame).count) } ?? true)
            }
        }
    }

    @Test func errorNames() {
        #expect(ErrorName.of("911")?.name == "AUTHENTICATION_FAILED")
        #expect(ErrorName.of("200")?.meaning == "malformed command")
        #expect(ErrorName.of("999") == nil && ErrorName.of("MSG") == nil)
        #expect(ErrorName.known.count == Rows(of: errorRows).reduce(0) { count, _ in count + 1 })
        let complete = ErrorName.known.allSatisfy { $0.isError && ErrorName.of($0)?.meaning.isEmpty == false }
        #expect(complete)
    }

    /// Where the dialect is unknown, the form whose values fit is used.
    @Test(arguments: [
        ("NLN NLN 1:bob@example.org Bob 2789003324:48 0", "state email friendly caps msnobj"),
        ("NLN AWY bob@example.org Bob 36", "state email friendly caps"),
        ("NLN AWY bob@example.org Bob", "state email friendly"),
        ("NLN AWY carol@example.net 1 Carol 2789003324", "state email network friendly caps"),
        ("NLN AWY carol@example.net 1 Carol 2789003324:48", "state email network friendly caps"),
        ("NLN AWY carol@example.net Carol 36 %3Cmsnobj%2F%3E", "state email friendly caps msnobj"),
        ("NLN AWY carol@example.net 32 Carol 36 0 http", "state email network friendly caps msnobj icon_url"),
        ("FLN bob@example.org", "email"), ("FLN bob@example.org 1", "email network"),
        ("FLN 1:bob@example.org 0:0", "email caps"), ("FLN bob@example.org 1 0:0", "email network caps"),
        ("ILN 9 NLN bob@example.org 1 Bob 0:0 0", "trid state email network friendly caps msnobj"),
        ("ILN 9 NLN bob@example.org Bob", "trid state email friendly"),
        ("ILN 9 NLN 1:bob@example.org Bob 0:0", "trid state email friendly caps"),
        ("USR 5 OK a@example.org Alice", "trid result email friendly"),
        ("USR 5 OK a@example.org Alice 1", "trid result email friendly verified"),
        ("USR 5 OK a@example.org Alice 1 0", "trid result email friendly verified restricted"),
        ("USR 5 OK a@example.org 1 0", "trid result email verified restricted"),
        ("OUT RCT 5", "reason minutes"), ("OUT MIG", "reason"),
    ])
    func withoutADialectTheValuesTell(_ line: String, _ names: String) throws {
        let frame = try #require(Frame(raw("\(line)\r\n")))
        let reading = try #require(CommandReading(frame, from: .server, role: .notification, dialect: nil))
        #expect(reading.arguments(of: frame).map { ArgumentField.all[$0.field].name }.joined(separator: " ") == names)
        #expect(reading.arguments(of: frame).allSatisfy { ArgumentFit.fault(of: $0, in: frame) == nil })
    }

    @Test func whatTheTableDoesNotKnowStillHasItsIdentifier() throws {
        let frame = try #require(Frame(raw("LKP 36 foo 5\r\n")))
        let reading = try #require(CommandReading(frame, from: .client, role: .notification, dialect: Dialect(18)))
        #expect(
            reading.arguments(of: frame).map { ArgumentField.all[$0.field].name } == ["trid", "arguments", "arguments"])
    }

    /// Where sources say that servers add arguments, the known ones keep their names.
    @Test func argumentsThatServersAddKeepTheForm() throws {
        let frame = try #require(Frame(Array("USR 5 OK a@b 1 0 7 8 9\r\n".utf8)))
        #expect(CommandReading(frame, from: .server, role: .notification, dialect: Dialect(15)) != nil)
    }
}
