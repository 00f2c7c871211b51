"""The API of the notes."""

import os
from pathlib import Path

import psycopg
from flask import Flask, abort, jsonify, request
from psycopg.rows import dict_row
from werkzeug.exceptions import HTTPException

app = Flask(__name__)
DATABASE_URL = os.environ["DATABASE_URL"]
REVISION = (Path(__file__).parent / "REVISION").read_text().strip()


def connect() -> psycopg.Connection:
    """A connection that commits at the end of its block."""
    options = "-c lock_timeout=1000 -c statement_timeout=5000"
    return psycopg.connect(DATABASE_URL, connect_timeout=2, options=options, row_factory=dict_row)


@app.get("/api/notes")
def list_notes():
    with connect() as connection:
        return jsonify(connection.execute("select id, text from note order by id desc limit 50").fetchall())


@app.post("/api/notes")
def add_note():
    body = request.get_json(silent=True)
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        abort(400, "a note needs a text")
    with connect() as connection:
        note = connection.execute("insert into note (text) values (%s) returning id, text", (text,)).fetchone()
    return jsonify(note), 201, {"Location": f"/api/notes/{note['id']}"}


@app.get("/api/notes/<int:number>")
def show_note(number: int):
    with connect() as connection:
        note = connection.execute("select id, text from note where id = %s", (number,)).fetchone()
    return jsonify(note or abort(404, "there is no such note"))


@app.delete("/api/notes/<int:number>")
def remove_note(number: int):
    with connect() as connection:
        connection.execute("delete from note where id = %s", (number,))
    return "", 204


@app.get("/version")
def tell_version():
    return jsonify(name="spa", revision=REVISION)


@app.get("/healthz")
def tell_health():
    return "ok", {"Content-Type": "text/plain"}


@app.errorhandler(HTTPException)
def tell_error(error: HTTPException):
    return jsonify(error=error.description), error.code
