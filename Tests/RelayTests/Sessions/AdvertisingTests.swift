// Which address a redirected client is given.

import MSNP
import Testing

@testable import Relay

@Suite struct AdvertisingTests {
    @Test func theAddressIsOneThatClientsUnderstand() {
        func address(_ configured: String?, _ local: String?) -> String? {
            Advertising.address(configured: configured, local: local, port: 1864)?.description
        }
        #expect(address(nil, "192.168.1.5") == "192.168.1.5:1864")
        #expect(address(nil, "::ffff:192.168.1.5") == "192.168.1.5:1864")
        #expect(address(nil, "2001:db8::1") == nil)
        #expect(address(nil, "::1") == "localhost:1864")
        #expect(address(nil, nil) == nil)
        #expect(address("203.0.113.9", "2001:db8::1") == "203.0.113.9:1864")
    }
}
