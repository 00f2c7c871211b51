"""What databases say, on the pages of frameworks that show it."""

import json
import sqlite3
from functools import partial

import psycopg

from control.databases import PASSWORD, READER_PASSWORD, MariaDb, PostgreSql
from control.folders import SITES, VENV
from programs.desk import Desk
from programs.python import run_django, run_flask, run_starlette

PLAIN = {"Accept": "*/*"}
"""Without HTML, the debug page is the traceback alone."""

STATEMENTS = {
    "table": ["select * from lists_item"],
    "column": ["select text, done from item"],
    "insert_column": ["insert into item (text, done) values ('milk', 1)"],
    "insert": ["insert into item (text) values ('milk')"],
    "fill": ["insert into small (text) values ('filler')"] * 400,
}
TABLE = "a table or column is missing"
DJANGO_TABLE = "Django, a table or column is missing"
UNREACHABLE = "the database cannot be reached"
LOGIN = "the database refuses the login"
DENIED = "rights on the database are missing"
READ_ONLY = "the database is read only"
LOCKED = "the database is locked"
FULL = "the database or its disk is full"


def give_statements(**places: object) -> dict[str, str]:
    return {"STATEMENTS": json.dumps(STATEMENTS), **{name: json.dumps(value) for name, value in places.items()}}


def capture_sqlite(desk: Desk) -> None:
    held = sqlite3.connect(desk.folder / "site.sqlite3", isolation_level=None)
    held.execute("create table item (text text)")
    file = f"file:{desk.folder}/site.sqlite3"
    backend = {"ENGINE": "django.db.backends.sqlite3"}
    options = {"timeout": 0, "uri": True}
    databases = {
        "default": backend | {"NAME": file, "OPTIONS": options},
        "read_only": backend | {"NAME": f"{file}?mode=ro", "OPTIONS": options},
        "gone": backend | {"NAME": f"{desk.folder}/gone/site.sqlite3"},
    }
    port = desk.find_port()
    with run_django(desk, port, DEBUG="1", **give_statements(DATABASES=databases)):
        django = desk.version
        desk.version = f"{django}, SQLite {sqlite3.sqlite_version}"
        name = "database.schema--django_sqlite"
        desk.keep(f"{name}_table", DJANGO_TABLE, "DEBUG, no such table", port, "/sql/default/table")
        desk.keep(f"{name}_column", DJANGO_TABLE, "DEBUG, no such column", port, "/sql/default/column")
        how = "DEBUG, a database that is opened read only"
        desk.keep("database.read_only--django_sqlite", READ_ONLY, how, port, "/sql/read_only/insert")
        how = "DEBUG, the database's folder is not there"
        desk.keep("database.unreachable--django_sqlite", UNREACHABLE, how, port, "/sql/gone/table")
        held.execute("begin exclusive")
        how = "DEBUG, somebody holds a lock"
        desk.keep("database.locked--django_sqlite", LOCKED, how, port, "/sql/default/insert")
        held.execute("rollback")
    addresses = {"default": f"sqlite:///{desk.folder}/site.sqlite3"}
    with run_starlette(desk, port, DEBUG="1", **give_statements(ADDRESSES=addresses)):
        desk.version += f", SQLAlchemy, SQLite {sqlite3.sqlite_version}"
        how = "debug, no such table"
        desk.keep("database.schema--starlette", TABLE, how, port, "/sql/default/table")
        how += ", no HTML asked for"
        desk.keep("database.schema--starlette_text", TABLE, how, port, "/sql/default/table", headers=PLAIN)
    with run_flask(desk, port, **give_statements(ADDRESSES=addresses)):
        desk.version += f", SQLAlchemy, SQLite {sqlite3.sqlite_version}"
        desk.keep("database.schema--werkzeug", TABLE, "the debugger, no such table", port, "/sql/default/table")
    held.close()


def capture_mariadb(desk: Desk) -> None:
    desk.need("mariadbd", "mariadb-server")
    server = MariaDb(desk.folder / "mariadb", desk.find_port())
    server.create()
    held = server.start()
    try:
        server.execute("create table item (text varchar(50)); set global lock_wait_timeout = 1;")
        server.execute("set max_heap_table_size = 16384; create table small (text varchar(200)) engine = memory;")
        ask_mariadb(desk, server, f"MariaDB {server.execute('select version()').strip()}")
    finally:
        server.end_cleanly(held)


def ask_mariadb(desk: Desk, server: MariaDb, told: str) -> None:
    where = f"127.0.0.1:{server.port}/site"
    nobody = f"127.0.0.1:{desk.find_port()}/site"
    driver = "mysql+pymysql"
    addresses = {
        "app": f"{driver}://app:{PASSWORD}@{where}",
        "wrong": f"{driver}://app:wrong@{where}",
        "reader": f"{driver}://reader:{READER_PASSWORD}@{where}",
        "elsewhere": f"{driver}://app:{PASSWORD}@127.0.0.1:{server.port}/mysql",
        "gone": f"{driver}://app:{PASSWORD}@{nobody}",
        "unknown": f"{driver}://app:{PASSWORD}@database.smokegate.test:3306/site",
    }
    port = desk.find_port()
    with run_starlette(desk, port, DEBUG="1", **give_statements(ADDRESSES=addresses)):
        desk.version += f", SQLAlchemy, PyMySQL, {told}"
        keep = partial(desk.keep, headers=PLAIN)
        keep("database.schema--starlette_mariadb_table", TABLE, "debug, 1146", port, "/sql/app/table")
        keep("database.schema--starlette_mariadb_column", TABLE, "debug, 1054", port, "/sql/app/column")
        keep("database.login--starlette_mariadb", LOGIN, "debug, 1045", port, "/sql/wrong/table")
        keep("database.denied--starlette_mariadb", DENIED, "debug, 1142", port, "/sql/reader/insert")
        keep("database.denied--starlette_mariadb_database", DENIED, "debug, 1044", port, "/sql/elsewhere/table")
        keep("database.unreachable--starlette_mariadb", UNREACHABLE, "debug, 2003", port, "/sql/gone/table")
        how = "debug, a host that nobody knows"
        keep("database.unreachable--starlette_mariadb_host", UNREACHABLE, how, port, "/sql/unknown/table")
        keep("database.full--starlette_mariadb", FULL, "debug, 1114", port, "/sql/app/fill")
        server.execute("set global read_only = 1")
        keep("database.read_only--starlette_mariadb", READ_ONLY, "debug, 1290", port, "/sql/app/insert")
        server.execute("set global read_only = 0")
        lock = [VENV / "bin" / "python", "-m", "control.hold"]
        relay = desk.find_port()
        url = server.url()
        with desk.run([*lock, str(relay), url, "lock tables item write"], relay, SITES):
            keep("database.locked--starlette_mariadb", LOCKED, "debug, 1205", port, "/sql/app/insert")
    backend = {"ENGINE": "django.db.backends.mysql", "USER": "app", "HOST": "127.0.0.1", "PORT": server.port}
    databases = {"default": backend | {"NAME": "site", "PASSWORD": PASSWORD}}
    with run_django(desk, port, DEBUG="1", **give_statements(DATABASES=databases)):
        desk.version += f", PyMySQL, {told}"
        name = "database.schema--django_mariadb"
        desk.keep(name, DJANGO_TABLE, "DEBUG, 1146", port, "/sql/default/table")


def capture_postgresql(desk: Desk) -> None:
    server = PostgreSql(desk.folder / "postgresql", desk.find_port())
    server.create()
    held = server.start()
    try:
        server.execute("create table item (text varchar(50))")
        server.execute("grant select on item to app")
        server.execute("create table own (text varchar(50))")
        server.execute("alter role reader in database site set default_transaction_read_only = on")
        server.execute("grant insert on item to reader")
        ask_postgresql(desk, server)
    finally:
        server.end_cleanly(held)


def ask_postgresql(desk: Desk, server: PostgreSql) -> None:
    told = "PostgreSQL " + server.execute("show server_version").strip()
    driver = "postgresql+psycopg"
    where = f"127.0.0.1:{server.port}/site"
    addresses = {
        "app": f"{driver}://app:{PASSWORD}@{where}",
        "wrong": f"{driver}://app:wrong@{where}",
        "reader": f"{driver}://reader:{READER_PASSWORD}@{where}",
        "chief": f"{driver}://chief:{PASSWORD}@{where}?options=-c%20lock_timeout%3D300",
        "gone": f"{driver}://app:{PASSWORD}@127.0.0.1:{desk.find_port()}/site",
        "unknown": f"{driver}://app:{PASSWORD}@database.smokegate.test:5432/site",
    }
    port = desk.find_port()
    with run_starlette(desk, port, DEBUG="1", **give_statements(ADDRESSES=addresses)):
        desk.version += f", SQLAlchemy, psycopg, {told}"
        keep = partial(desk.keep, headers=PLAIN)
        keep("database.schema--starlette_postgresql_table", TABLE, "debug, 42P01", port, "/sql/app/table")
        keep("database.schema--starlette_postgresql_column", TABLE, "debug, 42703", port, "/sql/app/column")
        how = "debug, 42703 of an insert"
        keep("database.schema--starlette_postgresql_insert", TABLE, how, port, "/sql/chief/insert_column")
        keep("database.login--starlette_postgresql", LOGIN, "debug, 28P01", port, "/sql/wrong/table")
        keep("database.denied--starlette_postgresql", DENIED, "debug, 42501", port, "/sql/app/insert")
        keep("database.read_only--starlette_postgresql", READ_ONLY, "debug, 25006", port, "/sql/reader/insert")
        how = "debug, nothing listens"
        keep("database.unreachable--starlette_postgresql", UNREACHABLE, how, port, "/sql/gone/table")
        how = "debug, a host that nobody knows"
        keep("database.unreachable--starlette_postgresql_host", UNREACHABLE, how, port, "/sql/unknown/table")
        address = f"postgresql://chief:{PASSWORD}@{where}"
        with psycopg.connect(address) as lock:
            lock.execute("lock table item")
            keep("database.locked--starlette_postgresql", LOCKED, "debug, 55P03", port, "/sql/chief/insert")
    backend = {"ENGINE": "django.db.backends.postgresql", "USER": "app", "HOST": "127.0.0.1", "PORT": server.port}
    databases = {"default": backend | {"NAME": "site", "PASSWORD": PASSWORD}}
    with run_django(desk, port, DEBUG="1", **give_statements(DATABASES=databases)):
        desk.version += f", psycopg, {told}"
        name = "database.schema--django_postgresql"
        desk.keep(name, DJANGO_TABLE, "DEBUG, 42P01", port, "/sql/default/table")


PROGRAMS = {"sqlite": capture_sqlite, "mariadb": capture_mariadb, "postgresql": capture_postgresql}
