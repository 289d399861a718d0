// Reads one capture file packet by packet: a memory-safe wrapper of libpcap.

internal import CGzip
internal import CPcap
internal import Glibc
internal import Packets

/// An open capture file. Not for concurrent use.
final class CaptureFile {
    /// The file's name for messages; `-` becomes "standard input".
    let name: String
    static let nameOfStandardInput = "standard input"
    /// The link type of its packets.
    let linkType: LinkType
    /// Why reading ended early; nil if it did not.
    private(set) var damage: String?
    /// The current packet; nil before the first, and after the last.
    private(set) var packet: Packet?
    /// The bytes of packets read so far, including 16 bytes for each packet's header in a pcap file.
    private(set) var bytesRead = 0

    /// The time of the current packet; 0 if there is none.
    var time: Int64 { packet?.time ?? 0 }

    /// A captured packet. Its bytes are those of the file's current packet.
    struct Packet {
        /// The time in nanoseconds since 1970.
        let time: Int64
        /// The length on the wire in bytes.
        let wireLength: Int
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
    }

    private let handle: OpaquePointer
    /// The memory of the stream that libpcap reads.
    private let buffer: StreamBuffer

    /// Opens a capture: pcap or pcapng, optionally compressed by gzip.
    ///
    /// - Throws: `CaptureError` if libpcap cannot read it; the text names a program that converts it.
    init(path: String) throws {
        name = path == "-" ? Self.nameOfStandardInput : path
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CaptureError("\(name): \(String(cString: strerror(errno)))") }
        let buffer = StreamBuffer()
        let stream = try Self.stream(descriptor, buffer, name: name)
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard
            let handle = pcap_fopen_offline_with_tstamp_precision(
                stream, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message)
        else {
            fclose(stream)
            throw CaptureError(Self.explain(message, path: path, name: name))
        }
        self.handle = handle
        self.buffer = buffer
        linkType = LinkType(rawValue: UInt32(bitPattern: pcap_datalink(handle)))
    }

    deinit { pcap_close(handle) }

    /// Advances to the next packet.
    ///
    /// - Returns: false at the end or after an error; then `damage` is set.
    func advance() -> Bool {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var data: UnsafePointer<UInt8>?
        let result = pcap_next_ex(handle, &header, &data)
        guard result == 1, let header, let data else {
            packet = nil
            if result != 1, result != PCAP_ERROR_BREAK { damage = explainedDamage }
            return false
        }
        let seconds = Int64(header.pointee.ts.tv_sec)
        let count = Int(header.pointee.caplen)
        packet = Packet(
            time: seconds &* 1_000_000_000 &+ Int64(header.pointee.ts.tv_usec), wireLength: Int(header.pointee.len),
            bytes: UnsafeBufferPointer(start: data, count: count))
        bytesRead &+= count &+ 16
        return true
    }

    /// libpcap's error message, in plainer words for its limit of one link type.
    private var explainedDamage: String {
        let message = String(cString: pcap_geterr(handle))
        guard message.contains("different from the type of the first interface") else { return message }
        let second = message.split(separator: " ").compactMap { Int32($0) }.first
        let names = [Int32(bitPattern: linkType.rawValue), second].compactMap { $0 }.map { number in
            pcap_datalink_val_to_name(number).map { String(cString: $0) } ?? "link type \(number)"
        }
        let list = names.joined(separator: ", ")
        return "its interfaces have different link types (\(list)), and libpcap reads only the first"
    }

    /// Calls `body` with the bytes of the current packet; nil if there is none.
    func withPacket<Result>(_ body: (Packet, Span<UInt8>) -> Result) -> Result? {
        guard let packet else { return nil }
        // libpcap keeps the packet until the next call, and has checked caplen against the bytes it read.
        return body(packet, packet.bytes.span)
    }

    /// A stdio stream on the file: through zlib if it is compressed or cannot be read at an offset, such as a pipe.
    private static func stream(
        _ descriptor: Int32, _ buffer: StreamBuffer, name: String
    ) throws -> UnsafeMutablePointer<FILE> {
        var start: [UInt8] = [0, 0]
        let isPlain = pread(descriptor, &start, 2, 0) == 2 && start != [0x1F, 0x8B]
        guard let stream = isPlain ? fdopen(descriptor, "rb") : butterflynet_open_gzip(descriptor) else {
            close(descriptor)
            throw CaptureError("\(name): not enough memory to read it")
        }
        setvbuf(stream, buffer.bytes, Int32(_IOFBF), StreamBuffer.size)
        return stream
    }

    /// libpcap's error message, or advice if the file has a known format that other programs read.
    private static func explain(_ buffer: [CChar], path: String, name: String) -> String {
        let message = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let format = ForeignFormat.of(path) else {
            guard let bytes = PastedFile.bytes(of: path), path != "-" else {
                return "\(name): not a capture: \(message)"
            }
            return bytes.isEmpty
                ? "\(name): the file is empty"
                : "\(name): neither a capture nor a log that can be read: a log's lines begin with C: or S: "
                    + "(>>> or <<<), such as C: VER 1 MSNP8 CVR0"
        }
        return "\(name): \(format.name); \(format.advice(path))"
    }
}

/// The buffer of a stdio stream, which must live longer than the stream. Without one of its own, glibc's streams read
/// 4 KiB at a time, whatever size is asked for.
private final class StreamBuffer {
    static let size = 1 << 16
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: size)

    deinit { bytes.deallocate() }
}
