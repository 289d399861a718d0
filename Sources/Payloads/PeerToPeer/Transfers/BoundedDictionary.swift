// A dictionary with a maximum size that discards its oldest values.

/// Keeps a maximum number of values; a new key discards the value whose key was added first.
struct BoundedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: Value] = [:]
    private var order: [Key] = []
    private var head = 0
    private let most: Int

    init(most: Int) { self.most = max(1, most) }

    subscript(key: Key) -> Value? { values[key] }

    var isEmpty: Bool { values.isEmpty }

    /// Sets a value.
    ///
    /// - Returns: the discarded value, if any.
    @discardableResult mutating func set(_ value: Value, for key: Key) -> Value? {
        guard values.updateValue(value, forKey: key) == nil else { return nil }
        order.append(key)
        tidy()
        // `order` still contains keys that were removed; they discard nothing.
        while values.count > most, head < order.count {
            let oldest = order[head]
            head += 1
            if oldest != key, let value = values.removeValue(forKey: oldest) { return value }
        }
        return nil
    }

    /// Changes an existing value; does nothing if there is none.
    mutating func change(_ key: Key, _ body: (inout Value) -> Void) {
        guard let index = values.index(forKey: key) else { return }
        body(&values.values[index])
    }

    @discardableResult mutating func remove(_ key: Key) -> Value? {
        let value = values.removeValue(forKey: key)
        if values.isEmpty {
            order = []
            head = 0
        }
        return value
    }

    /// Removes and returns all values, the oldest first.
    mutating func removeAll() -> [Value] {
        defer {
            values = [:]
            order = []
            head = 0
        }
        var result: [Value] = []
        for key in order[head...] {
            if let value = values.removeValue(forKey: key) { result.append(value) }
        }
        return result
    }

    /// All values, in no order.
    var all: Dictionary<Key, Value>.Values { values.values }
    var keys: Dictionary<Key, Value>.Keys { values.keys }

    /// Drops removed keys from `order` once they are the majority.
    private mutating func tidy() {
        guard order.count > 2 * values.count + 64 else { return }
        var seen: Set<Key> = []
        order = order[head...].filter { values[$0] != nil && seen.insert($0).inserted }
        head = 0
    }
}
