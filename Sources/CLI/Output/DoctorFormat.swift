// Formats the results of `doctor`: as text, or as one JSON object for each check and each client setting.

import Console
import Doctor
import Doors
import MSNP
internal import Output

enum DoctorFormat {
    /// One check.
    static func bytes(of check: Check, _ format: LiveLog.Style) -> [UInt8] {
        guard format == .text else {
            var object = JSONObject()
            object.add("event", "check")
            object.add("name", check.name.rawValue)
            object.add("outcome", check.outcome.rawValue)
            object.add("text", check.text)
            object.add("type", check.advice)
            return object.bytes + [0x0A]
        }
        let mark =
            switch check.outcome {
            case .ok: "ok"
            case .note: "note"
            case .failed: "FAILED"
            case .skipped: "–"
            }
        let name = check.name.rawValue.replacing("_", with: " ")
        let lines = ["\(pad(mark, 7))\(pad(name, 12)) \(check.text)"] + check.advice.map { "\(indent)\($0)" }
        return text(lines)
    }

    /// What to type in each client, for the ways that are open.
    static func settings(_ relay: HostPort, _ doors: Set<Door>, _ format: LiveLog.Style) -> [UInt8] {
        let ways = ClientWay.allCases.filter { !$0.doors.isDisjoint(with: doors) }
        guard format == .text else {
            return ClientSettings.all.flatMap { client in
                ways.flatMap { way -> [UInt8] in
                    guard let setting = client[way] else { return [] }
                    var object = JSONObject()
                    object.add("event", "client_setting")
                    object.add("client", client.name)
                    object.add("way", way.rawValue)
                    object.add("text", setting.text(relay))
                    object.add("checked", setting.isChecked)
                    return object.bytes + [0x0A]
                }
            }
        }
        var lines = [
            "", "What to type in the client, for the relay at \(relay); one way is enough.",
            "(° Not checked in the client's manual or source.)",
        ]
        for client in ClientSettings.all {
            lines.append("  \(client.name)")
            for way in ways {
                guard let setting = client[way] else { continue }
                lines.append("    \(pad(way.title, 15))\(setting.text(relay))")
            }
        }
        return text(lines)
    }

    private static let indent = String(repeating: " ", count: 22)

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func text(_ lines: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in lines {
            // A server's answer, and names in files, may contain anything.
            bytes.append(visible: line)
            bytes.append(0x0A)
        }
        return bytes
    }
}
