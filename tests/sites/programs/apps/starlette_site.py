"""A FastAPI site in debug mode whose pages fail; its statements and databases come from the environment."""

import json
import os

from fastapi import FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from sqlalchemy import create_engine, text

app = FastAPI(debug=os.environ.get("DEBUG") == "1")
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["site.smokegate.test"])


@app.get("/")
def show_home():
    return {"name": "home"}


@app.get("/value")
def raise_value():
    raise ValueError("bad value")


@app.get("/package")
def import_package():
    import markdown_it  # noqa: F401


@app.get("/sql/{alias}/{name}")
def run_sql(alias: str, name: str):
    engine = create_engine(json.loads(os.environ["ADDRESSES"])[alias])
    with engine.begin() as connection:
        for statement in json.loads(os.environ["STATEMENTS"])[name]:
            connection.execute(text(statement))
    return "done"
