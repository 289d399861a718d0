// Keeps a value that few connections have outside of them, so that a client that only waits is small.

/// An optional value that takes a word while there is none.
@propertyWrapper struct Rare<Value> {
    private var values: [Value]

    init(wrappedValue: Value?) { values = wrappedValue.map { [$0] } ?? [] }

    var wrappedValue: Value? {
        get { values.first }
        set { values = newValue.map { [$0] } ?? [] }
    }
}
