// Personal words, numbers and addresses, generated from a seed: none is in any list of the program.

import Foundation
import TestSupport

/// Three hundred of them.
struct CraftedWords {
    private(set) var words: [String] = []
    private(set) var numbers: [String] = []
    private(set) var addresses: [String] = []
    var all: [String] { words + numbers + addresses }

    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        for index in 0..<120 { words.append(word(index)) }
        for index in 0..<100 { numbers.append(number(index)) }
        for index in 0..<80 { addresses.append(address(index)) }
    }

    private mutating func next(_ bound: Int) -> Int { Int(generator.next() >> 33) % bound }

    /// A surname of six letters or more: in small letters, with one capital, in capitals, with letters beyond ASCII.
    private mutating func word(_ index: Int) -> String {
        let syllables = ["ka", "lo", "mir", "vet", "zun", "dra", "phe", "quo", "bel", "sten", "gar", "wyn"]
        let plain = (0..<3).map { _ in syllables[next(syllables.count)] }.joined() + syllables[index % 12]
        return switch index % 4 {
        case 0: plain
        case 1: plain.uppercased()
        case 2: plain.capitalized
        default: plain.capitalized.replacing("a", with: "ä").replacing("o", with: "ø") + "ß"
        }
    }

    /// A telephone number of 7 to 15 digits, a date in one of several spellings, a number with its signs.
    private mutating func number(_ index: Int) -> String {
        let day = 10 + next(19)
        let month = 10 + next(3)
        let year = 1_931 + next(74)
        return switch index % 8 {
        case 0: "\(year)-\(month)-\(day)"
        case 1: "\(day).\(month).\(year)"
        case 2: "\(year)\(month)\(day)"
        case 3: "+" + digits(10 + index % 5)
        default: digits(7 + index % 9)
        }
    }

    private mutating func digits(_ count: Int) -> String {
        (0..<count).map { $0 == 0 ? "\(1 + next(9))" : "\(next(10))" }.joined()
    }

    private mutating func address(_ index: Int) -> String {
        switch index % 4 {
        case 0: return "\(11 + next(200)).\(10 + next(240)).\(10 + next(240)).\(10 + next(240))"
        case 1:
            return
                "2a\(10 + next(80)):\(1_000 + next(9_000)):\(100 + next(900)):\(1_000 + next(9_000))::\(10 + next(80))"
        default:
            let name = word(4 * index).lowercased()
            return "\(name)\(10 + next(90))@\(word(4 * index)).example"
        }
    }
}
