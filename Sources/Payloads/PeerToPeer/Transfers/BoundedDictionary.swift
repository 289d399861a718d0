// A dictionary of bounded size that forgets its oldest values.

/// Keeps at most so many values; a new one pushes out the one that was set first.
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
    /// - Returns: what was pushed out.
    @discardableResult mutating func set(_ value: Value, for key: Key) -> Value? {
        guard values.updateValue(value, forKey: key) == nil else { return nil }
        order.append(key)
        tidy()
        // Keys that were removed meanwhile still stand in the order; they push nothing out.
        while values.count > most, head < order.count {
            let oldest = order[head]
            head += 1
            if oldest != key, let value = values.removeValue(forKey: oldest) { return value }
        }
        return nil
    }

    /// Changes a value that is there.
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

    /// Everything, the oldest first; nothing is left.
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

    /// Everything, in no order.
    var all: Dictionary<Key, Value>.Values { values.values }
    var keys: Dictionary<Key, Value>.Keys { values.keys }

    /// Leaves keys out of the order that are gone, once they are the most of it.
    private mutating func tidy() {
        guard order.count > 2 * values.count + 64 else { return }
        var seen: Set<Key> = []
        order = order[head...].filter { values[$0] != nil && seen.insert($0).inserted }
        head = 0
    }
}
