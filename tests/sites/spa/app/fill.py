"""Makes the table and the first notes: `python fill.py`."""

import os
from pathlib import Path

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute((Path(__file__).parent / "schema.sql").read_text())
