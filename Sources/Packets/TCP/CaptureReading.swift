// Both steps in one: a captured packet in, events out.

extension Reassembler {
    /// Dissects a packet and takes in its segment, if it has one.
    /// - Parameters:
    ///   - packet: the captured bytes
    ///   - wireLength: how many bytes the packet had on the wire
    ///   - linkType: what its outermost header is
    ///   - time: nanoseconds since 1970
    ///   - dissector: finds the segment; it keeps fragments from packet to packet
    ///   - deliver: is called for each event, in order
    package mutating func receive(
        _ packet: Span<UInt8>, wireLength: Int, linkType: LinkType, at time: Int64, through dissector: inout Dissector,
        deliver: StreamReceiver
    ) {
        guard let segment = dissector.dissect(packet, wireLength: wireLength, linkType: linkType, at: time) else {
            return
        }
        if segment.isReassembled {
            receive(segment, in: dissector.datagram.span, at: time, deliver: deliver)
        } else {
            receive(segment, in: packet, at: time, deliver: deliver)
        }
    }
}
