"""Settings of the to-do lists; what differs from place to place comes from the environment."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
REVISION = (BASE_DIR / "REVISION").read_text().strip()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "lists",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "superlists.urls"
WSGI_APPLICATION = "superlists.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def read_database(url: str) -> dict[str, object]:
    """The database that an address names: sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/NAME."""
    if url.startswith("sqlite:"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:"),
            "OPTIONS": {
                "timeout": 3,
                "init_command": os.environ.get("SQLITE_INIT", ""),
            },
        }
    import pymysql

    pymysql.install_as_MySQLdb()
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": parts.port,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": 2,
            "init_command": "set lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
        },
    }


DATABASES = {"default": read_database(os.environ["DATABASE_URL"])}
# As strong as Django's own choice, and a login takes a tenth of the time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if "REDIS_URL" in os.environ:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["REDIS_URL"],
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cache"

STATIC_URL = os.environ.get("STATIC_URL", "/static/")
STATIC_ROOT = os.environ.get("STATIC_ROOT")

# nginx tells how the visitor came.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("HTTPS_ONLY") == "1"
SESSION_COOKIE_SECURE = os.environ.get("SECURE_COOKIES") == "1"
CSRF_COOKIE_SECURE = os.environ.get("SECURE_COOKIES") == "1"
SESSION_COOKIE_DOMAIN = os.environ.get("COOKIE_DOMAIN")

LANGUAGE_CODE = "en"
USE_TZ = True
