/// Captures of network traffic, as tcpdump and Wireshark write them: [CaptureReader] reads the UDP
/// datagrams of a pcap or pcapng file, [PcapWriter] writes datagrams as a pcap file.
///
/// Formats: pcap and pcapng by the IETF drafts `draft-ietf-opsawg-pcap` and
/// `draft-ietf-opsawg-pcapng`, link types by the list at tcpdump.org.
@org.jspecify.annotations.NullMarked
package lastwords.capture;
