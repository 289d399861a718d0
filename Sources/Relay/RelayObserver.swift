// What may watch a relay beside its events.

package import Doors
package import MSNP

/// Receives what no event says. Called on event loops, so calls must return at once.
package protocol RelayObserver: Sendable {
    /// A connection came by a door. Its events follow.
    func opened(_ connection: Int, by door: Door)

    /// An attempt to connect to a server has ended.
    func dialled(_ server: HostPort, seconds: Double, _ outcome: ProxyOutcome)
}
