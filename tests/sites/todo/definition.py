"""The to-do lists on SQLite, and on MariaDB with sessions in Redis, as a compose stack would be."""

import subprocess

from control import folders
from control.copy import Copy
from control.site import SECRET, Program, Site
from todo.faults import COMPOSE_FAULTS, COMPOSE_RUNGS, FAULTS

GUNICORN = Program(
    "app",
    [
        "@venv@/bin/gunicorn",
        "superlists.wsgi",
        "--bind=127.0.0.1:@app_port@",
        "--graceful-timeout=1",
        "--no-control-socket",
        "--preload",
    ],
)


class Todo(Site):
    """Both ways of it."""

    def environment(self, copy: Copy) -> dict[str, str]:
        redis = {"REDIS_URL": copy.server("redis").url()} if "redis" in self.servers else {}
        return {
            "SECRET_KEY": SECRET,
            "ALLOWED_HOSTS": f"{self.host},127.0.0.1",
            "DATABASE_URL": copy.database_url(),
            "STATIC_ROOT": str(copy.release / "static"),
            "WEB_CONCURRENCY": "2",
            **redis,
        }

    def build(self, copy: Copy) -> None:
        manage(copy, "collectstatic", "--no-input")

    def fill_database(self, copy: Copy) -> None:
        manage(copy, "migrate")
        copy.environment["DJANGO_SUPERUSER_PASSWORD"] = "peacock"
        manage(copy, "createsuperuser", "--no-input", "--username=admin", "--email=admin@smokegate.test")


def manage(copy: Copy, *arguments: str) -> None:
    command = [str(folders.PYTHON), "manage.py", *arguments]
    subprocess.run(command, cwd=copy.release / "app", env=copy.environment, check=True, capture_output=True)


TODO = Todo("todo", "todo", "sqlite", programs=[GUNICORN], faults=FAULTS)
TODO_COMPOSE = Todo(
    "todo-compose",
    "todo",
    "mariadb",
    servers=("mariadb", "redis"),
    programs=[GUNICORN],
    faults=COMPOSE_FAULTS,
    rungs=COMPOSE_RUNGS,
)
