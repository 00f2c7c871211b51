"""The faults of the to-do lists. Those of the layers under the application are in `control.layers`."""

import contextlib
import itertools
import sqlite3
from pathlib import Path

from control.fault import (
    Change,
    append,
    copy_data,
    edit,
    empty,
    env,
    fault,
    hold_lock,
    over_https,
    remove,
    sql,
    stop_server,
    write,
)
from control.folders import SITES
from control.layers import (
    LAYERS,
    RELEASE,
    TAKE_TURNS,
    list_faults_of_a_form,
    list_harness_faults,
    list_static_faults,
    run_twin,
    select,
)

VIEWS = "app/lists/views.py"
STORE = "app/lists/store.py"
BASE = "app/lists/templates/lists/base.html"
HOME = "app/lists/templates/lists/home.html"
SETTINGS = "app/superlists/settings.py"

DEBUG = env(DEBUG="1")
FULL = Change(
    lambda copy: fill_up(copy.folder / "data" / "site.sqlite3"),
    lambda copy: copy.execute("delete from lists_item where text like 'filler %'; delete from lists_list where id = 999"),
)
# A connection that may not make the file any larger: the number is raised to what there is.
NO_GROWTH = env(SQLITE_INIT="pragma max_page_count = 1")
MISSING_IMPORT = edit(
    VIEWS, "def show_home(request):\n", "def show_home(request):\n    import markdown_it  # noqa: F401\n\n"
)
NEW_COLUMN = edit(
    "app/lists/models.py",
    "    text = models.CharField(max_length=200)\n",
    "    text = models.CharField(max_length=200)\n    done = models.BooleanField(default=False)\n",
)
NO_TEMPLATE = remove(HOME)
SLEEP = "def show_home(request):\n"


def fill_up(database: Path) -> None:
    """Writes items, large ones first, until there is no room left in the pages that the file has."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("insert into lists_list (id) values (999)")
        connection.execute("pragma max_page_count = 1")
        for length in (150, 50, 10):
            with contextlib.suppress(sqlite3.OperationalError):
                for number in itertools.count():
                    text = f"filler {length} {number} ".ljust(length, "x")
                    connection.execute("insert into lists_item (list_id, text) values (999, ?)", (text,))


APPLICATION = [
    fault("application.host_not_allowed", "ALLOWED_HOSTS names another host", env(ALLOWED_HOSTS="www.example.com")),
    fault("application.host_not_allowed:debug", "and DEBUG is on", env(ALLOWED_HOSTS="www.example.com"), DEBUG),
    fault("application.error", "the home page's template was forgotten", NO_TEMPLATE),
    fault("application.debug_page", "DEBUG is on, and all else is well", DEBUG),
    fault("application.debug_page:error", "DEBUG is on, and the home page fails", DEBUG, NO_TEMPLATE),
    fault("dependency.missing:debug", "a package is missing on first use, and DEBUG is on", MISSING_IMPORT, DEBUG),
    fault(
        "dependency.missing:first_use",
        "a package is missing on first use: a plain 500",
        MISSING_IMPORT,
        expected="application.error",
    ),
    *list_faults_of_a_form(VIEWS, "    number = store.start_list("),
    fault(
        "dependency.missing:boot",
        "a package is missing at boot: gunicorn ends",
        edit("app/superlists/wsgi.py", "import os\n", "import os\n\nimport whitenoise\n"),
        expected="proxy.bad_gateway",
        waits=False,
    ),
    fault(
        "proxy.redirect_loop:https",
        "the application wants https, and nginx does not tell it that it is there",
        over_https(),
        env(HTTPS_ONLY="1"),
        edit("nginx.conf", "        proxy_set_header X-Forwarded-Proto $scheme;\n", ""),
    ),
    fault(
        "proxy.redirect_astray:after_form",
        "the form's answer leads to a developer's machine",
        edit(VIEWS, 'redirect("show_list", list_id=number)', 'redirect(f"http://localhost:8000/lists/{number}/")'),
    ),
]

STATIC = [
    fault(
        "static.missing",
        "nginx has no location for them",
        edit("nginx.conf", "location /static/ {", "location /assets/ {"),
    ),
    fault("static.missing:not_collected", "collectstatic was not run", remove("static/**/*")),
    fault(
        "static.html_instead",
        "the home page answers for what is not there",
        remove("static/**/*"),
        edit("nginx.conf", "    location /static/ {\n", "    location /static/ {\n        error_page 404 =200 /;\n"),
    ),
    fault(
        "static.integrity",
        "a script is of another build than the page",
        append("static/lists/focus.js", "// of the next release\n"),
    ),
    fault("static.dev_address", "STATIC_URL is a developer's", env(STATIC_URL="http://localhost:8000/static/")),
    fault(
        "static.mixed_content",
        "STATIC_URL is plain http, the site https",
        over_https(),
        env(STATIC_URL="http://@host@:@http_port@/static/"),
    ),
    fault("script.exception", "a script throws when it loads", append("static/lists/form.js", "startTracking();\n")),
    *list_static_faults("/static/", "static", "lists/site.css", "lists/pixel.woff2"),
]

DATA = [
    fault("database.schema", "migrations were not run: a column is missing", NEW_COLUMN),
    fault("database.schema:debug", "and DEBUG is on", NEW_COLUMN, DEBUG),
    fault(
        "database.schema:table",
        "a table is missing",
        sql("alter table lists_item rename to lists_item_old", "alter table lists_item_old rename to lists_item"),
    ),
    fault(
        "database.write_lost",
        "items stay in the visitor's session",
        write(STORE, (SITES / "todo" / "broken" / "memory_store.py").read_text()),
    ),
    fault(
        "database.write_lost:rolled_back",
        "the transaction is rolled back, and the list's address leads nowhere",
        edit(
            STORE,
            "        Item.objects.create(list=new, text=text)\n",
            "        Item.objects.create(list=new, text=text)\n        transaction.set_rollback(True)\n",
        ),
    ),
]

SQLITE = [
    fault(
        "database.read_only",
        "the application opens the database read only, the runner need not: from outside any failing write",
        env(DATABASE_URL="sqlite:file:@data@/site.sqlite3?mode=ro"),
    ),
    fault(
        "database.read_only:debug",
        "and DEBUG is on",
        env(DATABASE_URL="sqlite:file:@data@/site.sqlite3?mode=ro"),
        DEBUG,
    ),
    fault(
        "database.unreachable",
        "the application is told a folder that is gone, the runner is not: from outside any failing write",
        env(DATABASE_URL="sqlite:@data@/gone/site.sqlite3"),
    ),
    fault("database.unreachable:debug", "and DEBUG is on", env(DATABASE_URL="sqlite:@data@/gone/site.sqlite3"), DEBUG),
    fault(
        "database.full",
        "there is no room left for the application, the runner only reads: from outside any failing write",
        FULL,
        NO_GROWTH,
    ),
    fault("database.full:debug", "and DEBUG is on", FULL, NO_GROWTH, DEBUG),
    fault("database.locked", "somebody holds a lock", hold_lock("begin exclusive")),
    fault("database.locked:debug", "and DEBUG is on", hold_lock("begin exclusive"), DEBUG),
    fault(
        "database.other_database",
        "the application writes to a copy",
        copy_data("site.sqlite3", "other.sqlite3"),
        env(DATABASE_URL="sqlite:@data@/other.sqlite3"),
    ),
    fault(
        "database.other_database:one_worker",
        "one of two applications writes to a copy",
        copy_data("site.sqlite3", "other.sqlite3"),
        run_twin(DATABASE_URL="sqlite:@data@/other.sqlite3"),
        TAKE_TURNS,
    ),
    *list_harness_faults("sqlite:@data@/gone/site.sqlite3", code="harness.database_file"),
]

MARIADB = [
    fault("database.unreachable", "MariaDB is stopped: from outside any failing write", stop_server("mariadb")),
    fault("database.unreachable:debug", "and DEBUG is on", stop_server("mariadb"), DEBUG),
    fault(
        "database.login",
        "the application's password is wrong, the runner's is right: from outside any failing write",
        env(DATABASE_URL="mysql://app:wrong@127.0.0.1:@mariadb_port@/site"),
    ),
    fault(
        "database.login:debug",
        "and DEBUG is on",
        env(DATABASE_URL="mysql://app:wrong@127.0.0.1:@mariadb_port@/site"),
        DEBUG,
    ),
    fault(
        "database.denied:debug",
        "the login may only read, and DEBUG is on",
        env(DATABASE_URL="mysql://reader:net-trout@127.0.0.1:@mariadb_port@/site"),
        DEBUG,
    ),
    fault(
        "database.read_only",
        "the server is a replica",
        sql("set global read_only = 1", "set global read_only = 0"),
    ),
    fault(
        "database.read_only:debug",
        "and DEBUG is on",
        sql("set global read_only = 1", "set global read_only = 0"),
        DEBUG,
    ),
    fault(
        "database.locked:debug",
        "somebody holds a lock, and DEBUG is on",
        hold_lock("lock tables lists_item write, lists_list write"),
        DEBUG,
    ),
    fault(
        "database.unreachable:redis",
        "Redis is stopped, and with it the sessions, and nobody asks Redis: from outside any failing write",
        stop_server("redis"),
    ),
    fault("database.unreachable:redis_debug", "and DEBUG is on", stop_server("redis"), DEBUG),
    *list_harness_faults("mysql://app:peacock-feathers@127.0.0.1:@other_port@/site"),
]

SESSION = [
    fault("session.csrf", "cookies are Secure, the site is plain http", env(SECURE_COOKIES="1")),
    fault(
        "session.csrf:host", "nginx passes Host without its port", edit("nginx.conf", "Host $http_host", "Host $host")
    ),
    fault(
        "session.csrf:proto",
        "nginx does not tell that it is https",
        over_https(),
        edit("nginx.conf", "        proxy_set_header X-Forwarded-Proto $scheme;\n", ""),
    ),
    fault(
        "session.cookie_lost",
        "the session cookie is Secure, the site is plain http",
        edit(
            SETTINGS, 'SESSION_COOKIE_SECURE = os.environ.get("SECURE_COOKIES") == "1"', "SESSION_COOKIE_SECURE = True"
        ),
    ),
    fault("session.cookie_lost:domain", "the session cookie is another domain's", env(COOKIE_DOMAIN="www.example.com")),
    fault(
        "session.leak",
        "the home page shows everybody's lists",
        edit(STORE, 'numbers = session.get("lists", [])', 'numbers = list(List.objects.values_list("pk", flat=True))'),
    ),
]

CONTENT = [
    fault(
        "content.encoding", "a template was saved in the wrong encoding", edit(BASE, "café in Köln", "cafÃ© in KÃ¶ln")
    ),
    fault(
        "content.encoding:charset",
        "nginx calls UTF-8 Latin-1",
        edit(
            "nginx.conf",
            "    location / {\n",
            "    location = / {\n        proxy_pass http://application;\n        proxy_set_header Host $http_host;\n"
            '        proxy_hide_header Content-Type;\n        add_header Content-Type "text/html; charset=iso-8859-1";\n    }\n'
            "    location / {\n",
        ),
    ),
    fault(
        "content.unrendered",
        "a heading's template stays as it is",
        edit(BASE, "{% block heading %}{% endblock %}", "{% verbatim %}{{ heading }}{% endverbatim %}"),
    ),
    fault("content.empty", "the home page's template is an empty file", empty(HOME)),
    fault(
        "speed.slow",
        "the home page takes four seconds",
        edit(VIEWS, SLEEP, f"{SLEEP}    import time\n\n    time.sleep(4)\n"),
    ),
    # On a page that one spec alone asks for: else another one's request would be the first.
    fault(
        "speed.cold_start",
        "the first look at its health takes four seconds",
        env(WEB_CONCURRENCY="1"),
        edit(
            VIEWS,
            "def tell_health(request):\n",
            "import functools, time\n\n\n@functools.cache\ndef warm_up():\n    time.sleep(4)\n\n\n"
            "def tell_health(request):\n    warm_up()\n",
        ),
        waits=False,
    ),
]

FAULTS = [*LAYERS, *APPLICATION, *STATIC, *DATA, *SQLITE, *SESSION, *CONTENT]
# What does not depend on the database is seen on the other one.
COMPOSE_FAULTS = [*RELEASE, *DATA, *MARIADB, *SESSION]
COMPOSE_RUNGS = select(
    FAULTS, "network.refused", "proxy.default_page", "proxy.bad_gateway", "dependency.missing:debug", "static.missing"
)
