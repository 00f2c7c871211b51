"""The faults of the notes."""

from control.fault import append, edit, empty, env, fault, hold_lock, remove, run_instead, sql, stop_server
from control.layers import DNS_AND_NETWORK, PROXY, RELEASE, at_front, select

API = "app/api.py"
MAIN = "static/assets/index-*.js"
STYLES = "static/assets/*.css"
DEVELOPMENT = run_instead(
    "app", "@venv@/bin/flask", "--app=api", "run", "--debug", "--no-reload", "--host=127.0.0.1", "--port=@app_port@"
)
NO_CATCH_ALL = at_front("location /assets/ { try_files $uri =404; }")
NO_TABLE = sql("alter table note rename to note_old", "alter table note_old rename to note")
READ_ONLY = sql(
    "alter role app in database site set default_transaction_read_only = on",
    "alter role app in database site reset default_transaction_read_only",
)
RETURNING = 'insert into note (text) values (%s) returning id, text", (text,)).fetchone()\n'

FAULTS = [
    *select(DNS_AND_NETWORK, "dns.elsewhere", "network.refused", "network.reset", "network.endless"),
    *select(
        PROXY,
        "proxy.default_page",
        "proxy.directory_listing",
        "proxy.bad_gateway",
        "proxy.timeout",
        "proxy.redirect_loop",
        "content.parking_page",
        "access.login_wall",
    ),
    *RELEASE,
    fault(
        "static.missing",
        "the build's files were not copied, and nginx says so",
        remove("static/assets/*"),
        NO_CATCH_ALL,
    ),
    fault(
        "static.missing:font", "a font was forgotten, and nginx says so", remove("static/assets/*.woff2"), NO_CATCH_ALL
    ),
    fault(
        "static.html_instead",
        "the page is of a newer build than its files: the catch-all answers for them",
        edit("static/index.html", "/assets/index-", "/assets/index-new-"),
    ),
    fault(
        "static.html_instead:chunk",
        "a bundle that is loaded later is gone, and the catch-all answers for it",
        remove("static/assets/about-*.js"),
    ),
    fault(
        "static.html_instead:api",
        "nginx does not know the API, and the catch-all answers for it",
        edit("nginx.conf", "^/(api/|", "^/(rest/|"),
    ),
    fault(
        "static.wrong_type",
        "nginx knows no types",
        at_front("location /assets/ { types { } default_type text/plain; }"),
    ),
    fault("static.empty", "a disk was full while it was copied", empty(STYLES)),
    fault(
        "static.truncated",
        "the bundles say gzip and are not",
        at_front("location ~ [.]js$ { add_header Content-Encoding gzip; }"),
    ),
    fault(
        "static.dev_address",
        "the page was built for a developer's machine",
        edit("static/index.html", '="/assets/', '="http://localhost:5173/assets/'),
    ),
    fault(
        "static.dev_address:api",
        "the API's address is a developer's",
        edit(MAIN, "/api/notes", "http://localhost:5000/api/notes"),
    ),
    fault("script.exception", "a script throws when it loads", append(MAIN, "\nstartTracking();\n")),
    fault(
        "application.error",
        "a variable of the environment was forgotten",
        edit(
            API,
            "    with connect() as connection:\n        return",
            '    os.environ["REGION"]\n    with connect() as connection:\n        return',
        ),
    ),
    fault(
        "application.debug_page",
        "Flask's development server with its debugger, and a request fails",
        DEVELOPMENT,
        edit(
            API,
            "    with connect() as connection:\n        return",
            "    region\n    with connect() as connection:\n        return",
        ),
    ),
    fault(
        "dependency.missing",
        "a package is missing on first use, and the debugger shows it",
        DEVELOPMENT,
        edit(
            API,
            "    body = request.get_json(silent=True)\n",
            "    import bleach  # noqa\n\n    body = request.get_json(silent=True)\n",
        ),
    ),
    fault(
        "dependency.missing:boot",
        "a package is missing at boot: gunicorn ends",
        edit(API, "import os\n", "import flask_cors\nimport os\n"),
        expected="proxy.bad_gateway",
        waits=False,
    ),
    fault("database.schema", "the table is missing", NO_TABLE),
    fault("database.unreachable", "PostgreSQL is stopped", stop_server("postgresql")),
    fault(
        "database.login:debug",
        "the password is wrong, and the debugger shows it",
        env(DATABASE_URL="postgres://app:wrong@127.0.0.1:@postgresql_port@/site"),
        DEVELOPMENT,
    ),
    fault(
        "database.denied:debug",
        "a right is missing, and the debugger shows it",
        sql("revoke insert on note from app", "grant insert on note to app"),
        DEVELOPMENT,
    ),
    fault("database.read_only", "the database is read only", READ_ONLY),
    fault("database.read_only:debug", "the database is read only, and the debugger shows it", READ_ONLY, DEVELOPMENT),
    fault(
        "database.locked", "somebody holds a lock, and the debugger shows it", hold_lock("lock table note"), DEVELOPMENT
    ),
    fault(
        "database.write_lost",
        "the transaction is rolled back",
        edit(API, RETURNING, RETURNING + "        connection.rollback()\n"),
    ),
    fault(
        "database.other_database",
        "the application writes to another schema",
        sql(
            "create schema other authorization app; create table other.note (like public.note including all); grant all on other.note to app",
            "drop schema other cascade",
        ),
        edit(API, "-c lock_timeout=1000", "-c search_path=other -c lock_timeout=1000"),
    ),
    fault("content.empty", "the page is an empty file", empty("static/index.html")),
    fault(
        "speed.slow",
        "the list takes four seconds",
        edit(API, "def list_notes():\n", "def list_notes():\n    import time\n\n    time.sleep(4)\n"),
    ),
]

RUNGS = [
    fault(
        "dependency.missing:list",
        "the list needs a package that is missing, and the debugger shows it",
        DEVELOPMENT,
        edit(API, "def list_notes():\n", "def list_notes():\n    import bleach  # noqa\n\n"),
    ),
]
