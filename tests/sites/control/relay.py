"""A server that answers wrongly on purpose: `python -m control.relay MODE PORT`."""

import contextlib
import itertools
import socket
import struct
import sys
import threading
import time


def reset(connection: socket.socket) -> None:
    """Ends the connection with RST once the request has come."""
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection: socket.socket) -> None:
    """Ends it in order, without an answer."""
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)
    connection.recv(65536)


def keep_silent(connection: socket.socket) -> None:
    """Never answers."""
    while connection.recv(65536):
        pass
    time.sleep(60)


def send_without_end(connection: socket.socket) -> None:
    """A page that never ends."""
    connection.recv(65536)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>To-Do lists</title>"
    )
    for number in itertools.count():
        connection.sendall(b"<p>line %d\n" % number)
        time.sleep(0.01)


def send_too_much(connection: socket.socket) -> None:
    """A page of 32 MiB, more than anybody wants to read."""
    connection.recv(65536)
    size = 32 * 2**20
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size)
    connection.sendall(b"<title>To-Do lists</title>".ljust(size))


def cut_short(connection: socket.socket) -> None:
    """Fewer bytes than promised."""
    path = connection.recv(65536).split(b" ")[1]
    kind = b"text/css" if path.endswith(b".css") else b"text/html; charset=utf-8"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n" % kind
    connection.sendall(head + b"body { margin: 0; }\n" * 8)
    time.sleep(0.1)


MODES = {
    "reset": reset,
    "close": close,
    "silent": keep_silent,
    "endless": send_without_end,
    "large": send_too_much,
    "short": cut_short,
}


def answer(mode: str, connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        MODES[mode](connection)


def serve(mode: str, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(mode, connection), daemon=True).start()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
