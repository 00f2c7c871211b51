"""The faults of the layers under the application: the same for every site.

They rely on a few lines that every site's nginx.conf has: `server_name @host@;`, the certificate, the address of the
application and its read timeout.
"""

from control.copy import Copy
from control.fault import Change, Fault, append, edit, empty, fault, names, over_https, relay, runner, stop, write

SERVER_NAME = "    server_name @host@;\n"


def at_front(lines: str) -> Change:
    """Lines at the beginning of nginx's server."""
    return edit("nginx.conf", SERVER_NAME, SERVER_NAME + "".join(f"    {line}\n" for line in lines.splitlines()))


def instead(lines: str) -> Change:
    """nginx serves something else in place of the site."""
    return write(
        "nginx.conf",
        "server {\n    listen 127.0.0.1:@http_port@ default_server;\n    listen 127.0.0.1:@tls_port@ ssl;\n"
        "    ssl_certificate @certificates@/good.pem;\n    ssl_certificate_key @certificates@/good.key;\n"
        f"    {lines}\n}}\n",
    )


def certificate(name: str) -> list[Change]:
    """The site over https, with another certificate."""
    return [
        over_https(),
        edit("nginx.conf", "@certificates@/good.pem", f"@certificates@/{name}.pem"),
        edit("nginx.conf", "@certificates@/good.key", f"@certificates@/{name}.key"),
    ]


def run_twin(**environment: str) -> Change:
    """A second application with files and environment of its own, and nginx takes turns."""

    def apply(copy: Copy) -> None:
        copy.add_twin(environment)

    return Change(apply)


TAKE_TURNS = edit(
    "nginx.conf",
    "    server 127.0.0.1:@app_port@;\n",
    "    server 127.0.0.1:@app_port@;\n    server 127.0.0.1:@other_port@;\n",
)

SIGN_IN = """
server {
    listen 127.0.0.1:@login_port@;
    server_name login.smokegate.test;
    root @sites@/control/pages;
    location / { try_files /sign-in.html =404; }
}
"""

PARKED = """
    root @sites@/control/pages;
    location / { error_page 405 =200 /parked.html; try_files /parked.html =404; }"""

DNS_AND_NETWORK = [
    fault("dns.no_record", "the name server does not know the name", names({})),
    fault("dns.elsewhere", "the name still leads to the old server", names({"@host@": ["192.0.2.7"]})),
    fault("network.refused", "nginx is stopped", stop("nginx")),
    fault("network.reset", "connections are reset", stop("nginx"), relay("reset", "http")),
    fault("network.closed", "connections are closed without an answer", stop("nginx"), relay("close", "http")),
    fault("network.timeout", "connections are taken and never answered", stop("nginx"), relay("silent", "http")),
    fault(
        "network.endless",
        "the home page never ends",
        at_front("location = / { proxy_pass http://127.0.0.1:@relay_port@; proxy_buffering off; }"),
        relay("endless"),
    ),
    fault(
        "network.endless:large",
        "the home page is larger than anybody reads",
        at_front("location = / { proxy_pass http://127.0.0.1:@relay_port@; proxy_buffering off; }"),
        relay("large"),
    ),
]

TLS = [
    fault("tls.expired", "the certificate's last day is over", *certificate("expired")),
    fault("tls.expired:not_yet", "the certificate is not valid yet: a clock is wrong", *certificate("not_yet")),
    fault("tls.wrong_name", "the certificate is another site's", *certificate("wrong_name")),
    fault("tls.untrusted", "the certificate is of an authority that nobody knows", *certificate("untrusted")),
    fault("tls.untrusted:self_signed", "the certificate is self-signed", *certificate("self_signed")),
    fault("tls.incomplete_chain", "the intermediate certificate is not sent", *certificate("incomplete_chain")),
]

PROXY = [
    fault("proxy.default_page", "nginx as installed: Welcome to nginx!", instead("root /usr/share/nginx/html;")),
    fault("proxy.directory_listing", "nginx lists the folder of the release", instead("root @app@; autoindex on;")),
    fault("proxy.bad_gateway", "the application is stopped", stop("app")),
    fault(
        "proxy.bad_gateway:wrong_port", "nginx looks for it elsewhere", edit("nginx.conf", "@app_port@", "@other_port@")
    ),
    fault("proxy.bad_gateway:cut", "it closes connections without an answer", stop("app"), relay("close", "app")),
    fault("proxy.unavailable", "nginx is told to answer 503", at_front("return 503;")),
    fault(
        "proxy.unavailable:maintenance",
        "the maintenance page was left on",
        at_front(
            "root @sites@/control/pages;\nerror_page 503 /maintenance.html;\n"
            'location = /maintenance.html { add_header Retry-After 600 always; }\nif ($uri != "/maintenance.html") { return 503; }'
        ),
    ),
    fault(
        "proxy.timeout",
        "the application hangs",
        stop("app"),
        relay("silent", "app"),
        edit("nginx.conf", "proxy_read_timeout 20s", "proxy_read_timeout 1s"),
    ),
    fault("proxy.redirect_loop", "a redirect to itself", at_front("return 301 $scheme://$http_host$request_uri;")),
    fault(
        "proxy.redirect_astray",
        "a redirect to a developer's machine",
        at_front("return 302 http://localhost:8000$request_uri;"),
    ),
    fault("content.parking_page", "the registrar's page, whatever is asked for", instead(PARKED)),
    fault(
        "access.login_wall",
        "a password before staging",
        at_front('auth_basic "Staging";\nauth_basic_user_file /dev/null;'),
    ),
    fault(
        "access.login_wall:sso",
        "every page leads to the company's login",
        at_front(
            "return 302 http://login.smokegate.test:@login_port@/sign-in?continue=$scheme://$http_host$request_uri;"
        ),
        append("nginx.conf", SIGN_IN),
    ),
]

RELEASE = [
    fault("release.stale", "the old release was not replaced", write("app/REVISION", "last-month")),
    fault(
        "release.mixed",
        "one of two applications is of the old release",
        run_twin(),
        write("other/REVISION", "last-month"),
        TAKE_TURNS,
    ),
]

LAYERS: list[Fault] = [*DNS_AND_NETWORK, *TLS, *PROXY, *RELEASE]


def select(faults: list[Fault], *names: str) -> list[Fault]:
    """Those of these names."""
    found = {fault.name: fault for fault in faults}
    return [found[name] for name in names]


def list_faults_of_a_form(pattern: str, place: str) -> list[Fault]:
    """What makes a form's own request fail and is not the database's fault; `place` is a line of what answers it, after
    which it goes wrong. Its page is fine and what is sent is a plain 500, as where the schema is behind: see README.md."""
    indent = place[: len(place) - len(place.lstrip())]

    def before(line: str) -> Change:
        return edit(pattern, place, f"{indent}{line}\n{place}")

    return [
        fault(
            "application.error:form",
            "what answers the form needs a variable that was forgotten: from outside any failing write",
            before('import os; os.environ["REGION"]  # noqa: E702'),
            expected="database.schema",
        ),
        fault(
            "dependency.missing:form",
            "what answers the form needs a package that is missing: from outside any failing write",
            before("import markdown_it  # noqa: F401"),
            expected="database.schema",
        ),
    ]


def list_harness_faults(nowhere: str, wrong: str = "", code: str = "harness.database_unreachable") -> list[Fault]:
    """The site is healthy, and the database's address that the runner was given is not right: it leads nowhere, which has
    this code, or its password is wrong."""
    wrong_password = fault(
        "harness.database_login",
        "the site is healthy, the runner was told a wrong password",
        runner(DATABASE_URL=wrong),
        exit_code=3,
    )
    return [
        fault(
            code,
            "the site is healthy, and its database cannot be reached from the runner",
            runner(DATABASE_URL=nowhere),
            exit_code=3,
        ),
        *([wrong_password] if wrong else []),
    ]


def list_static_faults(location: str, folder: str, css: str, font: str) -> list[Fault]:
    """The faults of static files behind a location of nginx; paths are relative to it, its folder to the release."""
    opening = f"    location {location} {{\n"
    one = f"    location = {location}{css} {{\n"
    file = f"        alias @release@/{folder}/{css};\n"

    def inside(lines: str) -> Change:
        return edit("nginx.conf", opening, opening + "".join(f"        {line}\n" for line in lines.splitlines()))

    def for_css(lines: str) -> Change:
        return edit("nginx.conf", opening, f"{one}{lines}    }}\n{opening}")

    return [
        fault("static.forbidden", "nginx may not read them", inside("deny all;")),
        fault(
            "static.missing:font", "a font was forgotten", Change(lambda copy: (copy.release / folder / font).unlink())
        ),
        fault("static.wrong_type", "nginx knows no types", inside("types { }\ndefault_type text/plain;")),
        fault(
            "static.wrong_type:nosniff",
            "and browsers are told to believe it",
            inside("types { }\ndefault_type text/plain;\nadd_header X-Content-Type-Options nosniff;"),
        ),
        fault("static.empty", "a disk was full while it was copied", empty(f"{folder}/{css}")),
        fault(
            "static.truncated",
            "a stylesheet breaks off",
            for_css("        proxy_pass http://127.0.0.1:@relay_port@;\n        proxy_buffering off;\n"),
            relay("short"),
        ),
        fault(
            "static.truncated:gzip",
            "it says gzip and is not",
            for_css(f"{file}        default_type text/css;\n        add_header Content-Encoding gzip;\n"),
        ),
    ]
