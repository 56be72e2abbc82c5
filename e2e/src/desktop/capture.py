"""Writes down every packet that leaves a network interface of this namespace, until its standard input ends.

Prints "ready", and at the end one line of JSON: each kind of packet once, with how many there were, and how many were missed.
It reads the headers only.
"""

import json
import select
import socket
import struct
import sys

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 3, 0x0800, 0x0806, 0x86DD
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_STATISTICS = 263, 6
NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
HEADERS = 128


def ports(protocol, rest):
    if protocol in (6, 17) and len(rest) >= 4:
        return struct.unpack("!HH", rest[:4])
    if protocol in (1, 58) and rest:
        return None, rest[0]
    return None, None


def read(kind, data):
    """What a packet is: protocol, where it comes from and goes to. For ICMP the type stands where the port is."""
    if kind == ETH_P_ARP:
        return "arp", None, None, socket.inet_ntoa(data[24:28]), None
    if kind == ETH_P_IP:
        start = (data[0] & 15) * 4
        protocol, source, target = data[9], socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    elif kind == ETH_P_IPV6:
        start, protocol = 40, data[6]
        source, target = (socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24))
        if protocol == 0:  # Hop-by-hop options stand before what multicast listeners say.
            protocol, start = data[40], 40 + 8 * (data[41] + 1)
    else:
        return f"0x{kind:04x}", None, None, None, None
    source_port, target_port = ports(protocol, data[start:])
    return NAMES.get(protocol, str(protocol)), source, source_port, target, target_port


def main():
    capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    capture.setsockopt(socket.SOL_SOCKET, 33, 64 * 1024 * 1024)  # SO_RCVBUFFORCE
    seen = {}
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([capture, sys.stdin], [], [])
        if capture in ready:
            data, (interface, kind, direction, _, _) = capture.recvfrom(HEADERS)
            if direction == PACKET_OUTGOING:
                what = (interface, *read(kind, data))
                seen[what] = seen.get(what, 0) + 1
        elif sys.stdin in ready:
            break
    _, missed = struct.unpack("II", capture.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    names = ("interface", "protocol", "source", "source_port", "target", "target_port")
    packets = [{**dict(zip(names, what)), "count": count} for what, count in seen.items()]
    print(json.dumps({"packets": packets, "missed": missed}))


main()
