// The presence of an account: state, capabilities and display picture.

/// The presence that other clients see; offline by default.
struct Presence {
    var state = "FLN"
    var capabilities = "0"
    var picture = ""

    static let states: Set = ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN"]

    var isVisible: Bool { state != "FLN" && state != "HDN" }
}
