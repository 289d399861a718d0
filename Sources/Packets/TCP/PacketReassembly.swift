// Dissection and reassembly in one call: a captured packet in, stream events out.

extension Reassembler {
    /// Dissects a packet, and processes its segment if it has one.
    /// - Parameters:
    ///   - packet: the captured bytes
    ///   - wireLength: the packet's length on the wire, in bytes
    ///   - linkType: the type of the outermost header
    ///   - time: nanoseconds since 1970
    ///   - dissector: finds the segment; keeps fragments between packets
    ///   - slice: the connections to reassemble; nil for all
    ///   - deliver: receives each event, in order
    package mutating func receive(
        _ packet: Span<UInt8>, wireLength: Int, linkType: LinkType, at time: Int64, through dissector: inout Dissector,
        of slice: AddressSlice? = nil, deliver: StreamReceiver
    ) {
        guard let segment = dissector.dissect(packet, wireLength: wireLength, linkType: linkType, at: time) else {
            return
        }
        if let slice, !slice.contains(segment.source.address, segment.destination.address) { return }
        if segment.isReassembled {
            receive(segment, in: dissector.datagram.span, at: time, deliver: deliver)
        } else {
            receive(segment, in: packet, at: time, deliver: deliver)
        }
    }
}
