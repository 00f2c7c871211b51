"""An API of accounts: 400 for what is not understood, 401 without a token, 403 for what is another's, 404 for what is not
there, 409 for what is there already."""

import os
import time
from pathlib import Path

import jwt
import psycopg
from flask import Flask, abort, jsonify, request
from psycopg.rows import dict_row
from werkzeug.exceptions import HTTPException
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
DATABASE_URL = os.environ["DATABASE_URL"]
SECRET = os.environ["SECRET_KEY"]
REVISION = (Path(__file__).parent / "REVISION").read_text().strip()
DAY = 24 * 60 * 60


def connect() -> psycopg.Connection:
    """A connection that commits at the end of its block."""
    options = "-c lock_timeout=1000 -c statement_timeout=5000"
    return psycopg.connect(DATABASE_URL, connect_timeout=2, options=options, row_factory=dict_row)


def read_login() -> tuple[str, str]:
    body = request.get_json(silent=True)
    email, password = (body.get(key) for key in ("email", "password")) if isinstance(body, dict) else (None, None)
    if not isinstance(email, str) or "@" not in email or not isinstance(password, str) or len(password) < 7:
        abort(400, "an e-mail address and a password of seven letters are needed")
    return email, password


def read_token() -> dict:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer":
        abort(401, "a token is needed")
    try:
        return jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        abort(401, "the token is not valid")


def find_account(number: int) -> dict:
    """An account that the bearer of the token may see."""
    token = read_token()
    if token["sub"] != str(number) and not token["admin"]:
        abort(403, "it is another's account")
    with connect() as connection:
        found = connection.execute("select id, email, is_admin from account where id = %s", (number,)).fetchone()
    return found or abort(404, "there is no such account")


@app.post("/v1/accounts")
def add_account():
    email, password = read_login()
    try:
        with connect() as connection:
            number = connection.execute(
                "insert into account (email, password) values (%s, %s) returning id",
                (email, generate_password_hash(password)),
            ).fetchone()["id"]
    except psycopg.errors.UniqueViolation:
        abort(409, "there is an account of this address already")
    return jsonify(id=number, email=email), 201, {"Location": f"/v1/accounts/{number}"}


@app.post("/v1/tokens")
def give_token():
    email, password = read_login()
    with connect() as connection:
        found = connection.execute("select id, password, is_admin from account where email = %s", (email,)).fetchone()
    if not found or not check_password_hash(found["password"], password):
        abort(401, "address or password are wrong")
    claims = {"sub": str(found["id"]), "admin": found["is_admin"], "exp": int(time.time()) + DAY}
    return jsonify(token=jwt.encode(claims, SECRET, "HS256"))


@app.get("/v1/accounts/<int:number>")
def show_account(number: int):
    return jsonify(find_account(number))


@app.delete("/v1/accounts/<int:number>")
def remove_account(number: int):
    find_account(number)
    with connect() as connection:
        connection.execute("delete from account where id = %s", (number,))
    return "", 204


@app.get("/version")
def tell_version():
    return jsonify(name="accounts", revision=REVISION)


@app.get("/healthz")
def tell_health():
    return jsonify(status="ok")


@app.errorhandler(HTTPException)
def tell_error(error: HTTPException):
    answer = jsonify(error=error.description)
    answer.status_code = error.code
    if error.code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
