"""Holds a lock on a database until it is ended: `python -m control.hold PORT URL STATEMENT`. It listens on the port once it
has the lock."""

import socket
import sqlite3
import sys
import time
from urllib.parse import unquote, urlsplit


def connect(url: str):
    """A connection without transactions of its own making."""
    if url.startswith("sqlite:"):
        return sqlite3.connect(url.removeprefix("sqlite:"), isolation_level=None)
    parts = urlsplit(url)
    login = {
        "user": parts.username,
        "password": unquote(parts.password or ""),
        "host": parts.hostname,
        "port": parts.port,
    }
    if parts.scheme == "mysql":
        import pymysql

        return pymysql.connect(database=parts.path[1:], **login)
    import psycopg

    return psycopg.connect(dbname=parts.path[1:], **login)


def hold(port: int, url: str, statement: str) -> None:
    connection = connect(url)
    connection.cursor().execute(statement)
    with socket.create_server(("127.0.0.1", port)):
        while True:
            time.sleep(60)


if __name__ == "__main__":
    hold(int(sys.argv[1]), sys.argv[2], sys.argv[3])
