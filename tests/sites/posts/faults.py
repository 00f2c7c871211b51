"""The faults of the blog."""

import contextlib

from control.copy import Copy
from control.fault import Change, append, edit, empty, env, fault, hold_lock, run_instead, sql, stop_server
from control.layers import (
    DNS_AND_NETWORK,
    PROXY,
    RELEASE,
    list_faults_of_a_form,
    list_harness_faults,
    list_static_faults,
    run_twin,
    select,
)
from control.processes import StartError

PAGES = "app/blog/pages.py"
BASE = "app/blog/templates/base.html"
READER = "mysql://reader:net-trout@127.0.0.1:@mariadb_port@/site"
DEVELOPMENT = run_instead(
    "app", "@venv@/bin/flask", "--app=blog", "run", "--debug", "--no-reload", "--host=127.0.0.1", "--port=@app_port@"
)
NEW_COLUMN = edit(
    "app/blog/models.py",
    "    body: Mapped[str] = mapped_column(Text)\n",
    "    body: Mapped[str] = mapped_column(Text)\n    author: Mapped[str | None] = mapped_column(String(50))\n",
)
NO_TABLE = sql("rename table post to post_old", "rename table post_old to post")


def session_cookie(setting: str, value: object) -> Change:
    """Another attribute of the session's cookie."""
    place = '    app.secret_key = os.environ["SECRET_KEY"]\n'
    return edit("app/blog/__init__.py", place, f'{place}    app.config["SESSION_COOKIE_{setting}"] = {value!r}\n')


def fill_up(copy: Copy) -> None:
    """Puts the table into memory, where there is room for a few rows, and writes until there is none."""
    copy.execute("set session max_heap_table_size = 16384; alter table post modify body varchar(200), engine = memory")
    with contextlib.suppress(StartError):
        while True:
            copy.execute("insert into post (title, body) values ('filler', 'x')")


EMPTY_AGAIN = "delete from post where title = 'filler'; alter table post engine = innodb, modify body text not null"
FULL = Change(fill_up, lambda copy: copy.execute(EMPTY_AGAIN))
ADD = "    database.session.add(post)\n    database.session.commit()\n"

FAULTS = [
    *select(DNS_AND_NETWORK, "dns.elsewhere", "network.refused"),
    *select(PROXY, "proxy.default_page", "proxy.bad_gateway", "proxy.timeout", "proxy.unavailable:maintenance"),
    *RELEASE,
    *select(
        list_static_faults("/static/", "app/blog/static", "blog.css", "pixel.woff2"),
        "static.forbidden",
        "static.wrong_type",
        "static.empty",
    ),
    fault("static.missing", "nginx maps the wrong folder", edit("nginx.conf", "@app@/blog/static/", "@app@/static/")),
    fault("static.dev_address", "STATIC_URL is a developer's", env(STATIC_URL="http://localhost:5000/static/")),
    fault("script.exception", "a script throws when it loads", append("app/blog/static/blog.js", "startTracking();\n")),
    fault("application.error", "a template was forgotten", edit(PAGES, '"home.html"', '"index.html"')),
    *list_faults_of_a_form(PAGES, "    post = Post("),
    fault(
        "application.debug_page",
        "Flask's development server with its debugger, and a page fails",
        DEVELOPMENT,
        edit(PAGES, '"post.html", post=post', '"post.html", post=posts'),
    ),
    fault(
        "dependency.missing:debug",
        "a package is missing on first use, and the debugger shows it",
        DEVELOPMENT,
        edit(PAGES, "def show_post(number: int):\n", "def show_post(number: int):\n    import markdown_it  # noqa\n\n"),
    ),
    fault(
        "dependency.missing:boot",
        "a package is missing at boot: gunicorn ends",
        edit("app/blog/__init__.py", "import os\n", "import os\n\nimport flask_talisman\n"),
        expected="proxy.bad_gateway",
        waits=False,
    ),
    fault("database.schema", "a table is missing", NO_TABLE),
    fault("database.schema:column", "a column is missing, and the debugger shows it", NEW_COLUMN, DEVELOPMENT),
    fault("database.unreachable", "MariaDB is stopped, and the debugger shows it", stop_server("mariadb"), DEVELOPMENT),
    fault("database.unreachable:plain", "MariaDB is stopped", stop_server("mariadb")),
    fault(
        "database.login",
        "the password is wrong, and the debugger shows it",
        env(DATABASE_URL="mysql://app:wrong@127.0.0.1:@mariadb_port@/site"),
        DEVELOPMENT,
    ),
    fault(
        "database.denied:plain",
        "the application's login may only read, the runner's may write: from outside any failing write",
        env(DATABASE_URL=READER),
    ),
    fault(
        "database.denied", "the login may only read, and the debugger shows it", env(DATABASE_URL=READER), DEVELOPMENT
    ),
    fault(
        "database.denied:grant",
        "the login may no longer write, which the specs' cleanup meets, too",
        sql("revoke insert, update, delete on site.* from app", "grant insert, update, delete on site.* to app"),
    ),
    *list_harness_faults(
        "mysql://app:peacock-feathers@127.0.0.1:@other_port@/site", "mysql://app:wrong@127.0.0.1:@mariadb_port@/site"
    ),
    fault("database.full", "the table is full, and the debugger shows it", FULL, DEVELOPMENT),
    fault(
        "database.locked",
        "somebody holds a lock, and the debugger shows it",
        hold_lock("lock tables post read"),
        DEVELOPMENT,
    ),
    fault(
        "database.write_lost",
        "the transaction is not committed",
        edit(PAGES, ADD, "    database.session.add(post)\n    database.session.flush()\n"),
        edit(
            PAGES,
            'return redirect(url_for("pages.show_post", number=post.id))',
            'return render_template("post.html", post=post)',
        ),
    ),
    fault(
        "database.other_database",
        "the application writes to another schema",
        sql(
            "create database other; create table other.post like site.post; insert into other.post select * from site.post;"
            "grant all on other.* to app",
            "drop database other; revoke all on other.* from app",
        ),
        env(DATABASE_URL="mysql://app:peacock-feathers@127.0.0.1:@mariadb_port@/other"),
    ),
    fault(
        "database.schema:writer",
        "forms go to another application, of a release whose schema is not there",
        run_twin(),
        edit(
            "other/blog/models.py",
            "    body: Mapped[str] = mapped_column(Text)\n",
            "    body: Mapped[str] = mapped_column(Text)\n    author: Mapped[str | None] = mapped_column(String(50))\n",
        ),
        edit(
            "nginx.conf",
            "        proxy_pass http://application;\n",
            "        if ($request_method = POST) { proxy_pass http://127.0.0.1:@other_port@; }\n        proxy_pass http://application;\n",
        ),
    ),
    fault("session.cookie_lost", "the session cookie is Secure, the site is plain http", session_cookie("SECURE", True)),
    fault(
        "session.cookie_lost:domain",
        "the session cookie is another domain's",
        session_cookie("DOMAIN", "www.example.com"),
    ),
    fault("content.encoding", "a template was saved in the wrong encoding", edit(BASE, "Zürich", "ZÃ¼rich")),
    fault(
        "content.unrendered",
        "a heading's template stays as it is",
        edit("app/blog/templates/home.html", "<h1>Posts</h1>", "<h1>{{ '{{ title }}' }}</h1>"),
    ),
    fault("content.empty", "a template is an empty file", empty("app/blog/templates/home.html")),
    fault(
        "speed.slow",
        "the home page takes four seconds",
        edit(PAGES, "def show_home():\n", "def show_home():\n    import time\n\n    time.sleep(4)\n"),
    ),
]
