"""Makes the tables and loads the first posts: `python load_posts.py`."""

import csv
import os
from pathlib import Path

from blog.models import Base, Post, database

database.connect(os.environ["DATABASE_URL"])
Base.metadata.create_all(database.engine)
with (Path(__file__).parent / "posts.csv").open(encoding="utf-8", newline="") as file:
    database.session.add_all(Post(**row) for row in csv.DictReader(file))
database.session.commit()
