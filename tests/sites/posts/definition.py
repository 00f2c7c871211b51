"""The blog: Flask, SQLAlchemy and MariaDB."""

import subprocess

from control import folders
from control.copy import Copy
from control.site import SECRET, Program, Site
from posts.faults import FAULTS

GUNICORN = Program(
    "app",
    [
        "@venv@/bin/gunicorn",
        "blog:create_app()",
        "--bind=127.0.0.1:@app_port@",
        "--graceful-timeout=1",
        "--no-control-socket",
        "--preload",
    ],
)


class Posts(Site):
    """The blog."""

    def environment(self, copy: Copy) -> dict[str, str]:
        return {"SECRET_KEY": SECRET, "DATABASE_URL": copy.database_url(), "WEB_CONCURRENCY": "2"}

    def fill_database(self, copy: Copy) -> None:
        command = [str(folders.PYTHON), "load_posts.py"]
        subprocess.run(command, cwd=copy.release / "app", env=copy.environment, check=True, capture_output=True)


POSTS = Posts("posts", "posts", "mariadb", servers=("mariadb",), programs=[GUNICORN], faults=FAULTS)
