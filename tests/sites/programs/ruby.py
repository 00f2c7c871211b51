"""Ruby on Rails, of Debian's packages."""

from pathlib import Path

from programs.desk import Desk
from programs.python import APPS, ELSEWHERE

DATABASE = "development:\n  adapter: sqlite3\n  database: @folder@/site.sqlite3\n"
MIGRATION = "class AddNotes < ActiveRecord::Migration[6.1]\n  def change\n    create_table :notes\n  end\nend\n"


def run_rails(desk: Desk, port: int, **environment: str):
    puma = desk.need("puma", "puma ruby-rails ruby-sqlite3")
    own = {"RAILS_ENV": "development", "RACK_ENV": "development", "SITE_FOLDER": str(desk.folder)}
    return desk.run([puma, "-b", f"tcp://127.0.0.1:{port}", APPS / "rails_site.ru"], port, None, own | environment)


def capture_rails(desk: Desk) -> None:
    rails = desk.need("rails", "ruby-rails ruby-sqlite3 puma")
    desk.read_version([rails, "--version"])
    desk.write("config/database.yml", DATABASE.replace("@folder@", str(desk.folder)))
    desk.write("db/migrate/20261121000000_add_notes.rb", MIGRATION)
    Path(desk.folder / "log-files").mkdir()
    port = desk.find_port()
    with run_rails(desk, port):
        desk.keep("proxy.default_page--rails", "Rails' first page", "development, no root route yet", port)
        debug = "Rails' debug page"
        desk.keep("application.debug_page--rails", debug, "development, an ArgumentError", port, "/value")
        desk.keep("application.debug_page--rails_404", debug, "development, no such route", port, "/nothing")
        gem = "a Ruby gem is missing"
        desk.keep("dependency.missing--rails", gem, "development, a LoadError", port, "/package")
        table = "a table or column is missing"
        desk.keep("database.schema--rails", table, "development, SQLite, no such table", port, "/table")
        token = "Rails' authenticity token"
        how = "development, a POST without a token"
        desk.keep("session.csrf--rails_debug", token, how, port, "/form", method="POST", body="")
        blocked = "Rails, blocked host"
        how = "development, a name that is not in config.hosts"
        desk.keep("application.host_not_allowed--rails", blocked, how, port, headers=ELSEWHERE)
    with run_rails(desk, port, PENDING="1"):
        pending = "Rails, migrations pending"
        desk.keep("database.schema--rails_pending", pending, "development, a migration was not run", port)


PROGRAMS = {"rails": capture_rails}
