"""The faults of the accounts."""

from control.fault import edit, env, fault, hold_lock, run_instead, sql, stop_server, write
from control.layers import DNS_AND_NETWORK, PROXY, RELEASE, TLS, list_faults_of_a_form, list_harness_faults, select

MODULE = "app/accounts.py"
DEVELOPMENT = run_instead(
    "app",
    "@venv@/bin/flask",
    "--app=accounts",
    "run",
    "--debug",
    "--no-reload",
    "--host=127.0.0.1",
    "--port=@app_port@",
)
NO_TABLE = sql("alter table account rename to account_old", "alter table account_old rename to account")
NO_COLUMN = sql("alter table account rename is_admin to admin", "alter table account rename admin to is_admin")
WRONG_PASSWORD = env(DATABASE_URL="postgres://app:wrong@127.0.0.1:@postgresql_port@/site")
NO_RIGHT = sql("revoke insert on account from app", "grant insert on account to app")
READ_ONLY = sql(
    "alter role app in database site set default_transaction_read_only = on",
    "alter role app in database site reset default_transaction_read_only",
)

FAULTS = [
    *select(DNS_AND_NETWORK, "dns.no_record", "network.reset", "network.closed", "network.timeout"),
    *TLS,
    *select(
        PROXY,
        "proxy.default_page",
        "proxy.bad_gateway",
        "proxy.timeout",
        "proxy.unavailable",
        "proxy.redirect_astray",
        "content.parking_page",
        "access.login_wall",
    ),
    *RELEASE,
    fault(
        "application.error",
        "a variable of the environment was forgotten",
        edit(MODULE, "    token = read_token()\n", '    token = read_token()\n    os.environ["REGION"]\n'),
    ),
    *list_faults_of_a_form(MODULE, "        with connect() as connection:\n            number = "),
    fault(
        "application.debug_page",
        "Flask's development server with its debugger, and a request fails",
        DEVELOPMENT,
        edit(MODULE, "claims = {", 'claims = {"iss": ISSUER, '),
    ),
    fault(
        "dependency.missing",
        "a package is missing on first use, and the debugger shows it",
        DEVELOPMENT,
        edit(
            MODULE,
            "    email, password = read_login()\n",
            "    import email_validator  # noqa\n\n    email, password = read_login()\n",
        ),
    ),
    fault(
        "dependency.missing:boot",
        "a package is missing at boot: gunicorn ends",
        edit(MODULE, "import jwt\n", "import authlib\nimport jwt\n"),
        expected="proxy.bad_gateway",
        waits=False,
    ),
    fault("database.schema", "the table is missing", NO_TABLE),
    fault("database.schema:column", "a column is missing", NO_COLUMN),
    fault("database.schema:debug", "a column is missing, and the debugger shows it", NO_COLUMN, DEVELOPMENT),
    fault("database.unreachable", "PostgreSQL is stopped", stop_server("postgresql")),
    fault("database.unreachable:debug", "and the debugger shows it", stop_server("postgresql"), DEVELOPMENT),
    fault("database.login:debug", "the password is wrong, and the debugger shows it", WRONG_PASSWORD, DEVELOPMENT),
    fault("database.denied:debug", "a right is missing, and the debugger shows it", NO_RIGHT, DEVELOPMENT),
    fault("database.read_only", "the database is read only", READ_ONLY),
    fault(
        "database.denied",
        "the login may no longer write, which the specs' cleanup meets, too",
        sql("revoke insert, update, delete on account from app", "grant insert, update, delete on account to app"),
    ),
    *list_harness_faults(
        "postgres://app:peacock-feathers@127.0.0.1:@other_port@/site",
        "postgres://app:wrong@127.0.0.1:@postgresql_port@/site",
    ),
    fault("database.read_only:debug", "the database is read only, and the debugger shows it", READ_ONLY, DEVELOPMENT),
    fault(
        "database.locked",
        "somebody holds a lock, and the debugger shows it",
        hold_lock("lock table account"),
        DEVELOPMENT,
    ),
    fault(
        "database.write_lost",
        "the transaction is rolled back",
        edit(
            MODULE,
            '            ).fetchone()["id"]\n',
            '            ).fetchone()["id"]\n            connection.rollback()\n',
        ),
    ),
    fault(
        "database.other_database",
        "the application writes to another schema",
        sql(
            "create schema other authorization app; create table other.account (like public.account including all); "
            "insert into other.account (email, password, is_admin) select email, password, is_admin from public.account; "
            "grant all on other.account to app",
            "drop schema other cascade",
        ),
        edit(MODULE, "-c lock_timeout=1000", "-c search_path=other -c lock_timeout=1000"),
    ),
    fault(
        "session.leak",
        "one account sees another's",
        edit(
            MODULE,
            'if token["sub"] != str(number) and not token["admin"]:',
            'if token["sub"] == str(number) and number == 0:',
        ),
    ),
    fault(
        "speed.slow",
        "a token takes four seconds",
        edit(MODULE, "def give_token():\n", "def give_token():\n    time.sleep(4)\n"),
    ),
]

RUNGS = [
    *select(DNS_AND_NETWORK, "network.refused"),
    fault(
        "dependency.missing:every_request",
        "every request needs a package that is missing, and the debugger shows it",
        DEVELOPMENT,
        edit(
            MODULE,
            "def connect()",
            "@app.before_request\ndef read_region():\n    import geoip2  # noqa\n\n\ndef connect()",
        ),
        waits=False,
    ),
    fault(
        "static.html_instead:api",
        "an API has no stylesheets; the nearest: nginx answers for it with the page of a front end",
        write("app/index.html", "<!DOCTYPE html><title>Accounts</title><h1>Accounts</h1><p>Your account, on one page.\n"),
        edit(
            "nginx.conf",
            "    location / {\n",
            "    error_page 405 =200 /index.html;\n    location / { root @app@; try_files /index.html =404; }\n"
            "    location /api/ {\n",
        ),
    ),
]
