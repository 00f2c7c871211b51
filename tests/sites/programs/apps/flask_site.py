"""A Flask site whose pages fail; its statements and databases come from the environment."""

import json
import os

from flask import Flask, jsonify
from sqlalchemy import create_engine, text

app = Flask(__name__)


@app.get("/")
def show_home():
    return "<title>Home</title><h1>Home</h1>"


@app.get("/value")
def raise_value():
    raise ValueError("bad value")


@app.get("/package")
def import_package():
    import markdown_it  # noqa: F401


@app.get("/sql/<alias>/<name>")
def run_sql(alias, name):
    engine = create_engine(json.loads(os.environ["ADDRESSES"])[alias])
    with engine.begin() as connection:
        for statement in json.loads(os.environ["STATEMENTS"])[name]:
            connection.execute(text(statement))
    return jsonify("done")
