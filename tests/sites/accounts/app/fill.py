"""Makes the table and the administrator's account: `python fill.py`."""

import os
from pathlib import Path

import psycopg
from werkzeug.security import generate_password_hash

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute((Path(__file__).parent / "schema.sql").read_text())
    connection.execute(
        "insert into account (email, password, is_admin) values (%s, %s, true)",
        ("admin@smokegate.test", generate_password_hash("peacock")),
    )
