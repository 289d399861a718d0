// The two ends of a connection, and values of which each end has one.

/// One of the two ends of a connection.
public enum Side: UInt8, Sendable, Hashable, CaseIterable {
    /// The one that connected.
    case client
    /// The one that was connected to.
    case server

    /// The end that this one talks to.
    public var other: Side { self == .client ? .server : .client }
}

/// A value of each end of a connection.
@frozen
public struct PerSide<Value> {
    /// That of the client.
    public var client: Value
    /// That of the server.
    public var server: Value

    /// Both values.
    @inlinable
    public init(client: Value, server: Value) {
        self.client = client
        self.server = server
    }

    /// The same value for both.
    @inlinable
    public init(both value: Value) { self.init(client: value, server: value) }

    /// The value of an end; it is changed where it is.
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
