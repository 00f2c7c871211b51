"""Python's frameworks, with and without their debug pages."""

from importlib.metadata import version
from pathlib import Path

from control import folders
from programs.desk import Desk

APPS = Path(__file__).parent / "apps"
GUNICORN = folders.VENV / "bin" / "gunicorn"
UVICORN = folders.VENV / "bin" / "uvicorn"
FLASK = folders.VENV / "bin" / "flask"

ELSEWHERE = {"Host": "www.example.com"}
"""A visitor who came by a name that the site does not know."""


def run_django(desk: Desk, port: int, **environment: str):
    desk.version = f"Django {version('Django')}, gunicorn {version('gunicorn')}"
    command = [GUNICORN, "django_site", f"--bind=127.0.0.1:{port}", "--no-control-socket", "--workers=1"]
    return desk.run(command, port, APPS, {"PYTHONDONTWRITEBYTECODE": "1"} | environment)


def run_flask(desk: Desk, port: int, **environment: str):
    desk.version = f"Flask {version('Flask')}, Werkzeug {version('Werkzeug')}"
    command = [FLASK, "--app=flask_site", "run", "--debug", "--no-reload", "--host=127.0.0.1", f"--port={port}"]
    return desk.run(command, port, APPS, {"PYTHONDONTWRITEBYTECODE": "1"} | environment)


def run_starlette(desk: Desk, port: int, **environment: str):
    desk.version = f"FastAPI {version('fastapi')}, Starlette {version('starlette')}, uvicorn {version('uvicorn')}"
    command = [UVICORN, "starlette_site:app", "--host=127.0.0.1", f"--port={port}"]
    return desk.run(command, port, APPS, {"PYTHONDONTWRITEBYTECODE": "1"} | environment)


def capture_django(desk: Desk) -> None:
    port = desk.find_port()
    with run_django(desk, port, DEBUG="1"):
        debug, host, csrf = "Django's debug page", "application.host_not_allowed", "Django's CSRF page"
        desk.keep("application.debug_page--django_500", debug, "DEBUG, a ValueError", port, "/value")
        template = "DEBUG, TemplateDoesNotExist"
        desk.keep("application.debug_page--django_template", debug, template, port, "/template")
        unknown = "DEBUG, an address that does not exist"
        desk.keep("application.debug_page--django_404", "Django's debug page, 404", unknown, port, "/nothing")
        package = "a Python package is missing, and the page shows the code"
        desk.keep("dependency.missing--django_debug", package, "DEBUG, ModuleNotFoundError", port, "/package")
        shown = "DEBUG, a name that is not in ALLOWED_HOSTS"
        desk.keep(f"{host}--django_debug", "Django, DisallowedHost", shown, port, headers=ELSEWHERE)
        token = "DEBUG, a POST without a token"
        desk.keep("session.csrf--django_debug", csrf, token, port, method="POST", body="a=1")
    with run_django(desk, port):
        plain = "a name that is not in ALLOWED_HOSTS"
        desk.keep(f"{host}--django_plain", "Django's plain 400", plain, port, headers=ELSEWHERE)
        desk.keep("session.csrf--django", csrf, "a POST without a token", port, method="POST", body="a=1")
        desk.keep("django_404", "", "an address that does not exist", port, "/nothing")
        desk.keep("django_500", "", "a ValueError", port, "/value")
    with run_django(desk, port, DEBUG="1", FIRST="1"):
        desk.keep("proxy.default_page--django", "Django's first page", "DEBUG, no addresses yet", port)


def capture_flask(desk: Desk) -> None:
    port = desk.find_port()
    with run_flask(desk, port):
        debugger = "Werkzeug's debugger"
        desk.keep("application.debug_page--werkzeug", debugger, "the debugger, a ValueError", port, "/value")
        package = "a Python package is missing, and the page shows the code"
        how = "the debugger, ModuleNotFoundError"
        desk.keep("dependency.missing--werkzeug", package, how, port, "/package")
        desk.keep("flask_404", "", "an address that does not exist", port, "/nothing")
    desk.version = f"Flask {version('Flask')}, gunicorn {version('gunicorn')}"
    command = [GUNICORN, "flask_site:app", f"--bind=127.0.0.1:{port}", "--no-control-socket", "--workers=1"]
    with desk.run(command, port, APPS, {"PYTHONDONTWRITEBYTECODE": "1"}):
        desk.keep("flask_500", "", "a ValueError", port, "/value")


def capture_starlette(desk: Desk) -> None:
    port = desk.find_port()
    with run_starlette(desk, port, DEBUG="1"):
        debugger = "Starlette's debugger"
        desk.keep("application.debug_page--starlette", debugger, "debug, a ValueError", port, "/value")
        package = "a Python package is missing, and the page shows the code"
        how = "debug, ModuleNotFoundError"
        desk.keep("dependency.missing--starlette", package, how, port, "/package")
        text = "debug, ModuleNotFoundError, no HTML asked for"
        plain = {"Accept": "*/*"}
        desk.keep("dependency.missing--starlette_text", package, text, port, "/package", headers=plain)
        host = "Starlette, TrustedHostMiddleware"
        how = "TrustedHostMiddleware, another name"
        desk.keep("application.host_not_allowed--starlette", host, how, port, headers=ELSEWHERE)
        desk.keep("starlette_404", "", "an address that does not exist", port, "/nothing")
    with run_starlette(desk, port):
        desk.keep("starlette_500", "", "a ValueError", port, "/value")


PROGRAMS = {"django": capture_django, "flask": capture_flask, "starlette": capture_starlette}
