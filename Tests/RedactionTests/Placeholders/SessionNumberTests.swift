// Zero and short numbers stay as they are; numbers of sessions do not.

import MSNP
import Payloads
import Testing

@testable import Redaction

@Suite struct SessionNumberTests {
    private let placeholders = Placeholders(key: (1, 2))

    @Test func nothingStaysNothing() {
        #expect(placeholders.number(0) == 0 && placeholders.number(1) != 0)
        let empty = GUID(plain: ByteSlice([UInt8](repeating: 0, count: 16)))
        #expect(empty.map { placeholders.nonce($0) } == empty)
        let other = GUID(plain: ByteSlice([UInt8](repeating: 7, count: 16)))
        #expect(other.map { placeholders.nonce($0) } != other)
    }

    @Test func longSessionNumbersBecomeOthersOfTheirLength() {
        for number: UInt32 in [100_000, 1_980_589, 4_294_967_295, 999_999_999] {
            let copy = placeholders.session(number)
            #expect(String(copy).count == String(number).count)
            #expect(placeholders.session(number) == copy)
        }
        let numbers = (0..<200).map { UInt32(5_000_000 + $0) }
        #expect(Set(numbers.map { placeholders.session($0) }).count == 200)
        #expect(numbers.count { placeholders.session($0) == $0 } < 5)
        #expect(placeholders.session(4_711) == 4_711)
    }
}
