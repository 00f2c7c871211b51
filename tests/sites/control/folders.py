"""Where everything is."""

import getpass
import os
from pathlib import Path

SITES = Path(__file__).resolve().parent.parent
"""tests/sites."""

CACHE = SITES.parent.parent / "target" / "sites"
"""What `install` makes once."""

VENV = CACHE / "venv"
PYTHON = VENV / "bin" / "python"
CERTIFICATES = CACHE / "tls"


def find_state_folder() -> Path:
    """Where running copies keep what they need, unless `--state` says otherwise."""
    named = os.environ.get("SITES_STATE")
    return Path(named) if named else Path(f"/tmp/smokegate-sites-{getpass.getuser()}")


def find_data(site: str) -> Path:
    """The prepared databases of a site."""
    return CACHE / "data" / site
