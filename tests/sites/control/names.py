"""A name server on a loopback port: `python -m control.names PORT FILE`. The file holds names and their IPv4 addresses as
JSON, and is read for every question; what is not in it has no record (NXDOMAIN). RFC 1035, as much of it as is needed."""

import json
import socket
import struct
import sys
from pathlib import Path

A_RECORD = 1
NAME_ERROR = 3


def read_question(packet: bytes) -> tuple[str, int, int]:
    """The name, the type, and where the question ends."""
    labels, place = [], 12
    while length := packet[place]:
        labels.append(packet[place + 1 : place + 1 + length].decode("ascii", "replace"))
        place += 1 + length
    kind = struct.unpack("!H", packet[place + 1 : place + 3])[0]
    return ".".join(labels).lower(), kind, place + 5


def build_answer(packet: bytes, records: dict[str, list[str]]) -> bytes:
    name, kind, end = read_question(packet)
    addresses = records.get(name)
    found = addresses if addresses and kind == A_RECORD else []
    # Response, authoritative, recursion as desired and available.
    flags = 0x8580 | (NAME_ERROR if addresses is None else 0)
    head = packet[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", A_RECORD, 1, 1, 4)
    return head + packet[12:end] + b"".join(record + socket.inet_aton(address) for address in found)


def serve(port: int, file: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, socket.socket() as ready:
        server.bind(("127.0.0.1", port))
        # A TCP port of the same number shows that it is up.
        ready.bind(("127.0.0.1", port))
        ready.listen()
        while True:
            packet, sender = server.recvfrom(1500)
            server.sendto(build_answer(packet, json.loads(file.read_text())), sender)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
