// The side events that belong to the part of a conversation that one connection carried.

package import Analysis

extension ChatSegment {
    /// Returns the segment with the side events that fall into it added to `entryCount`.
    package func counting(_ sideEvents: [SideEvent]) -> ChatSegment {
        var segment = self
        segment.entryCount += sideEvents.count { contains($0) }
        return segment
    }

    /// Whether a side event of this connection falls into this segment.
    func contains(_ sideEvent: SideEvent) -> Bool {
        if case .directMessages(let partner) = carrier, let partners = sideEvent.partners, !partners.contains(partner) {
            return false
        }
        return first <= sideEvent.time && sideEvent.time <= end
    }
}
