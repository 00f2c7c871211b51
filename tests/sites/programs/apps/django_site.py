"""A Django site in one file, whose pages fail in every way: `DEBUG`, `FIRST` and the databases come from the environment."""

import json
import os
from pathlib import Path

import pymysql
from django.conf import settings

pymysql.install_as_MySQLdb()
settings.configure(
    SECRET_KEY="only-for-tests",
    DEBUG=os.environ.get("DEBUG") == "1",
    ALLOWED_HOSTS=["site.smokegate.test"],
    ROOT_URLCONF="empty_urls" if os.environ.get("FIRST") else __name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent]}],
    DATABASES=json.loads(os.environ.get("DATABASES", "{}")),
)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402


def show_home(request):
    return HttpResponse("<title>Home</title><h1>Home</h1>")


def raise_value(request):
    raise ValueError("bad value")


def import_package(request):
    import markdown_it  # noqa: F401


def render_template(request):
    return render(request, "lists/home.html")


def run_sql(request, alias, name):
    with connections[alias].cursor() as cursor:
        for statement in json.loads(os.environ["STATEMENTS"])[name]:
            cursor.execute(statement)
    return HttpResponse("done")


urlpatterns = [
    path("", show_home),
    path("value", raise_value),
    path("package", import_package),
    path("template", render_template),
    path("sql/<alias>/<name>", run_sql),
]
application = get_wsgi_application()
