"""The faults of the meetings."""

from control.fault import append, edit, empty, env, fault, hold_lock, over_https, sql, stop_server
from control.layers import DNS_AND_NETWORK, PROXY, RELEASE, TLS, list_static_faults, select

MAIN = "app/main.py"
HOME = "app/home.html"
DEBUG = env(DEBUG="1")
READER = env(PRIMARY_URL="mysql://reader:net-trout@127.0.0.1:@mariadb_port@/site")
NO_TABLE = sql("rename table meeting to meeting_old", "rename table meeting_old to meeting")
NEW_COLUMN = edit(
    MAIN,
    "    day: Mapped[date | None]\n",
    "    day: Mapped[date | None]\n    room: Mapped[str | None] = mapped_column(String(20))\n",
)
ADDED = "    async with primary() as session, session.begin():\n        session.add(meeting)\n"

FAULTS = [
    *select(DNS_AND_NETWORK, "dns.elsewhere", "network.refused", "network.closed"),
    *select(TLS, "tls.expired", "tls.incomplete_chain"),
    *select(
        PROXY,
        "proxy.default_page",
        "proxy.directory_listing",
        "proxy.bad_gateway",
        "proxy.bad_gateway:cut",
        "proxy.redirect_loop",
    ),
    *RELEASE,
    *select(
        list_static_faults("/static/", "app/static", "meetings.css", "pixel.woff2"),
        "static.missing:font",
        "static.empty",
        "static.truncated",
        "static.wrong_type:nosniff",
    ),
    fault(
        "static.missing",
        "nginx has no location for them",
        edit("nginx.conf", "location /static/ {", "location /assets/ {"),
    ),
    fault(
        "static.dev_address",
        "the page names a developer's machine",
        edit(HOME, 'src="/static/', 'src="http://localhost:8000/static/'),
    ),
    fault(
        "static.mixed_content",
        "the page names plain http",
        over_https(),
        edit(HOME, 'href="/static/', 'href="http://meetings.smokegate.test/static/'),
    ),
    fault("script.exception", "a script throws when it loads", append("app/static/meetings.js", "startTracking();\n")),
    fault(
        "application.host_not_allowed",
        "the name is not among the trusted hosts",
        env(ALLOWED_HOSTS="www.example.com,127.0.0.1"),
    ),
    fault("application.error", "the page's file was forgotten", edit(MAIN, '"home.html"', '"index.html"')),
    fault(
        "application.debug_page", "debug is on, and the page fails", DEBUG, edit(MAIN, '"home.html"', '"index.html"')
    ),
    fault(
        "dependency.missing:boot",
        "a package is missing at boot: uvicorn ends",
        edit(MAIN, "import os\n", "import orjson\nimport os\n"),
        expected="proxy.bad_gateway",
        waits=False,
    ),
    fault(
        "dependency.missing",
        "a package is missing on first use, and debug is on",
        DEBUG,
        edit(MAIN, "    async with primary()", "    import pytz  # noqa\n\n    async with primary()"),
    ),
    fault("database.schema", "the table is missing", NO_TABLE),
    fault("database.schema:column", "a column is missing: from outside any failing write", NEW_COLUMN),
    fault("database.schema:debug", "and debug is on", NEW_COLUMN, DEBUG),
    fault("database.unreachable", "MariaDB is stopped", stop_server("mariadb")),
    fault("database.unreachable:debug", "and debug is on", stop_server("mariadb"), DEBUG),
    fault(
        "database.denied",
        "the primary's login may only read, the runner's may write: from outside any failing write",
        READER,
    ),
    fault("database.denied:debug", "and debug is on", READER, DEBUG),
    fault(
        "database.locked:debug", "somebody holds a lock, and debug is on", hold_lock("lock tables meeting read"), DEBUG
    ),
    fault(
        "database.write_lost",
        "the transaction is not committed",
        edit(
            MAIN,
            ADDED,
            "    async with primary() as session:\n        session.add(meeting)\n        await session.flush()\n",
        ),
    ),
    fault(
        "database.other_database",
        "primary and replica are the same wrong schema",
        sql(
            "create database other; create table other.meeting like site.meeting; grant all on other.* to app",
            "drop database other; revoke all on other.* from app",
        ),
        env(
            PRIMARY_URL="mysql://app:peacock-feathers@127.0.0.1:@mariadb_port@/other",
            REPLICA_URL="mysql://app:peacock-feathers@127.0.0.1:@mariadb_port@/other",
        ),
    ),
    fault(
        "content.unrendered",
        "a heading's template stays as it is",
        edit(HOME, "<h1>Plan a meeting</h1>", "<h1>{{ heading }}</h1>"),
    ),
    fault("content.empty", "the page's file is empty", empty(HOME)),
    fault(
        "speed.slow",
        "the page takes four seconds",
        edit(
            MAIN,
            "async def show_home() -> str:\n",
            "async def show_home() -> str:\n    import asyncio\n\n    await asyncio.sleep(4)\n",
        ),
    ),
]

RUNGS = [
    fault(
        "dependency.missing:home",
        "the home page needs a package that is missing, and debug is on",
        DEBUG,
        edit(MAIN, "async def show_home() -> str:\n", "async def show_home() -> str:\n    import pytz  # noqa\n\n"),
    ),
]
