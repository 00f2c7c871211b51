"""A blog: posts on pages of their own, and a form that adds one."""

import os
from pathlib import Path

from flask import Flask

from blog.models import database
from blog.pages import pages


def create_app() -> Flask:
    """The application as gunicorn loads it."""
    app = Flask(__name__)
    app.secret_key = os.environ["SECRET_KEY"]
    app.config["REVISION"] = (Path(__file__).parent.parent / "REVISION").read_text().strip()
    app.config["STATIC"] = os.environ.get("STATIC_URL", "/static/")
    database.connect(os.environ["DATABASE_URL"])
    app.register_blueprint(pages)
    app.teardown_appcontext(lambda error: database.release())
    return app
