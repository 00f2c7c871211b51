"""A Flask site whose forms carry Flask-WTF's token."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf

app = Flask(__name__)
app.secret_key = "a key of the tests"
CSRFProtect(app)


@app.get("/")
def show_token():
    return generate_csrf()


@app.post("/")
def take():
    return "taken"
