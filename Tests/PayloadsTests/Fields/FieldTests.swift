import Payloads
import Testing

@Suite("Fields")
struct FieldTests {
    @Test("a number that does not fit is given as text")
    func largeNumber() {
        #expect(Field("size", UInt64.max).value == .text("18446744073709551615"))
        #expect(Field("size", UInt64(7)).value == .number(7))
    }
}
