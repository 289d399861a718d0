// The two sides of a connection, client and server, and a container for one value per side.

/// One side of a connection.
public enum Side: UInt8, Sendable, Hashable, CaseIterable {
    /// The side that opened the connection.
    case client
    /// The side that accepted the connection.
    case server

    /// The opposite side.
    public var other: Side { self == .client ? .server : .client }
}

/// One value for each side of a connection.
@frozen
public struct PerSide<Value> {
    /// The client's value.
    public var client: Value
    /// The server's value.
    public var server: Value

    /// Makes a pair of values.
    @inlinable
    public init(client: Value, server: Value) {
        self.client = client
        self.server = server
    }

    /// Makes a pair with the same value for both sides.
    @inlinable
    public init(both value: Value) { self.init(client: value, server: value) }

    /// The value of a side; mutations happen in place.
    @inlinable
    public subscript(side: Side) -> Value {
        get { side == .client ? client : server }
        _modify {
            if side == .client { yield &client } else { yield &server }
        }
    }
}

extension PerSide: Sendable where Value: Sendable {}
extension PerSide: Equatable where Value: Equatable {}
