"""Applications that do not answer as they should, behind real proxies: `relay.py PORT silent|short|garbage`."""

import socket
import sys
import threading
import time


def answer(connection: socket.socket, mode: str) -> None:
    connection.recv(65536)
    if mode == "silent":
        time.sleep(60)
    elif mode == "garbage":
        connection.sendall(b"what?\r\n")
    connection.close()


def main() -> None:
    port, mode = int(sys.argv[1]), sys.argv[2]
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(connection, mode), daemon=True).start()


main()
