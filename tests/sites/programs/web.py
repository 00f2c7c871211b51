"""Web servers and proxies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs.desk import Desk

RELAY = Path(__file__).parent / "relay.py"

NGINX = """
daemon off; master_process off; pid pid; error_log stderr;
events {}
http {
    access_log off; types { text/html html; }
    client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
    limit_req_zone all zone=one:1m rate=1r/m;
    limit_req_status 503;
    server {
        listen 127.0.0.1:@port@;
        location / { root @welcome@; index @index@; }
        location /down { proxy_pass http://127.0.0.1:@nobody@; }
        location /slow { proxy_pass http://127.0.0.1:@silent@; proxy_read_timeout 300ms; }
        location /busy { limit_req zone=one; root @root@; }
        location /files/ { alias @root@/; autoindex on; }
        location /closed/ { alias @root@/; }
        location /staging/ { auth_basic "Staging"; auth_basic_user_file users; }
        location /upload { client_max_body_size 10; proxy_pass http://127.0.0.1:@nobody@; }
    }
}
"""


@contextmanager
def run_relay(desk: Desk, mode: str) -> Iterator[int]:
    """An application that takes requests and does not answer as it should."""
    port = desk.find_port()
    with desk.run([sys.executable, RELAY, str(port), mode], port):
        yield port


def fill_in(text: str, **places: object) -> str:
    for name, value in places.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def capture_nginx(desk: Desk) -> None:
    program = desk.need("nginx", "nginx-light")
    desk.read_version([program, "-v"])
    desk.write("root/readme.txt", "a file\n")
    desk.write("users", "")
    welcome = Path("/usr/share/nginx/html")
    nobody, port = desk.find_port(), desk.find_port()
    with run_relay(desk, "silent") as silent:
        places = {"port": port, "nobody": nobody, "silent": silent, "root": desk.folder / "root", "welcome": welcome}
        desk.write("nginx.conf", fill_in(NGINX, index="index.html", **places))
        with desk.run([program, "-p", desk.folder, "-c", "nginx.conf", "-e", "stderr"], port):
            desk.keep("proxy.default_page--nginx", "nginx' welcome page", "its welcome page, of the package", port)
            desk.keep("proxy.bad_gateway--nginx", "nginx, 502", "proxy_pass where nothing listens", port, "/down")
            desk.keep("proxy.timeout--nginx", "nginx, 504", "proxy_pass to one that is silent", port, "/slow")
            desk.ask(port, "/busy")
            desk.keep("proxy.unavailable--nginx", "nginx, 503", "limit_req exceeded", port, "/busy")
            listing = "a directory listing of nginx, Apache or lighttpd"
            desk.keep("proxy.directory_listing--nginx", listing, "autoindex on, no index file", port, "/files/")
            wall = "a password on the whole site"
            desk.keep("access.login_wall--nginx", wall, "auth_basic, no password sent", port, "/staging/")
            desk.keep("nginx_403", "", "a folder without an index file", port, "/closed/")
            desk.keep("nginx_404", "", "no such file", port, "/nothing.html")
            desk.keep("nginx_413", "", "a body over client_max_body_size", port, "/upload", method="POST", body="a" * 20)


APACHE = """
ServerName site.smokegate.test
ServerRoot @folder@
PidFile pid
ErrorLog error.log
Listen 127.0.0.1:@port@
LoadModule mpm_event_module @modules@/mod_mpm_event.so
LoadModule authz_core_module @modules@/mod_authz_core.so
LoadModule authn_core_module @modules@/mod_authn_core.so
LoadModule authn_file_module @modules@/mod_authn_file.so
LoadModule authz_user_module @modules@/mod_authz_user.so
LoadModule auth_basic_module @modules@/mod_auth_basic.so
LoadModule dir_module @modules@/mod_dir.so
LoadModule mime_module @modules@/mod_mime.so
LoadModule alias_module @modules@/mod_alias.so
LoadModule autoindex_module @modules@/mod_autoindex.so
LoadModule proxy_module @modules@/mod_proxy.so
LoadModule proxy_fcgi_module @modules@/mod_proxy_fcgi.so
LoadModule proxy_http_module @modules@/mod_proxy_http.so
TypesConfig /etc/mime.types
User nobody
Group nogroup
DocumentRoot /usr/share/apache2/default-site
DirectoryIndex index.html index.php
<Directory /> 
    Require all granted
</Directory>
Alias /files/ @folder@/root/
<Location /files/>
    Options +Indexes
</Location>
Alias /closed/ @folder@/root/
<Location /closed/>
    Options -Indexes
</Location>
<Location /staging/>
    AuthType Basic
    AuthName Staging
    AuthUserFile @folder@/users
    Require valid-user
</Location>
ProxyPass /down http://127.0.0.1:@nobody@/
ProxyPass /short http://127.0.0.1:@short@/
ProxyPass /fcgi fcgi://127.0.0.1:@silent@/ timeout=1
Alias /php/ @folder@/php/
ProxyPass /slow http://127.0.0.1:@silent@/ timeout=1
"""


def capture_apache(desk: Desk) -> None:
    program = desk.need("apache2", "apache2")
    desk.read_version([program, "-v"])
    desk.write("root/readme.txt", "a file\n")
    desk.write("users", "")
    desk.write("php/index.php", "<?php\nrequire 'index.inc';\n")
    nobody, port = desk.find_port(), desk.find_port()
    modules = "/usr/lib/apache2/modules"
    with run_relay(desk, "silent") as silent, run_relay(desk, "short") as short:
        places = {"port": port, "nobody": nobody, "silent": silent, "short": short, "modules": modules}
        config = desk.write("apache2.conf", fill_in(APACHE, folder=desk.folder, **places))
        with desk.run([program, "-d", desk.folder, "-f", config, "-DFOREGROUND"], port):
            debian = "Apache's default page of Debian and Ubuntu"
            desk.keep("proxy.default_page--apache_debian", debian, "the package's default site", port)
            desk.keep("proxy.unavailable--apache", "Apache, 503", "ProxyPass where nothing listens", port, "/down")
            desk.keep("proxy.bad_gateway--apache", "Apache, 502", "ProxyPass to one that closes", port, "/short")
            silent_one = "ProxyPass to one that is silent: a 502 all the same"
            desk.keep("proxy.bad_gateway--apache_silent", "Apache, 502", silent_one, port, "/slow")
            silent_one = "ProxyPass fcgi:// to one that is silent"
            desk.keep("proxy.timeout--apache_fcgi", "Apache, 504", silent_one, port, "/fcgi")
            source = "index.php, and no PHP"
            desk.keep("content.unrendered--apache_php", "PHP that is not run", source, port, "/php/")
            listing = "a directory listing of nginx, Apache or lighttpd"
            desk.keep("proxy.directory_listing--apache", listing, "Options +Indexes, no index file", port, "/files/")
            wall = "a password on the whole site"
            desk.keep("access.login_wall--apache", wall, "AuthType Basic, no password sent", port, "/staging/")
            desk.keep("apache_403", "", "a folder without an index file", port, "/closed/")
            desk.keep("apache_404", "", "no such file", port, "/nothing.html")


LIGHTTPD = """
server.modules = ("mod_dirlisting", "mod_indexfile", "mod_proxy", "mod_staticfile")
server.document-root = "@folder@/root"
server.port = @port@
server.bind = "127.0.0.1"
server.upload-dirs = ("@folder@")
index-file.names = ("@index@")
mimetype.assign = (".html" => "text/html")
$HTTP["url"] =~ "^/files/" { dir-listing.activate = "enable" }
$HTTP["url"] =~ "^/down" { proxy.server = ("" => (("host" => "127.0.0.1", "port" => @nobody@))) }
"""


def capture_lighttpd(desk: Desk) -> None:
    program = desk.need("lighttpd", "lighttpd")
    desk.read_version([program, "-v"])
    # The package puts its placeholder where Debian's sites are.
    placeholder = Path("/usr/share/lighttpd/index.html")
    if placeholder.exists():
        desk.write("root/index.lighttpd.html", placeholder.read_text())
    desk.write("root/files/readme.txt", "a file\n")
    port, nobody = desk.find_port(), desk.find_port()
    config = fill_in(LIGHTTPD, folder=desk.folder, port=port, nobody=nobody, index="index.lighttpd.html")
    path = desk.write("lighttpd.conf", config)
    with desk.run([program, "-D", "-f", path], port):
        desk.keep("proxy.default_page--lighttpd", "lighttpd's placeholder", "the package's placeholder", port)
        listing = "a directory listing of nginx, Apache or lighttpd"
        desk.keep("proxy.directory_listing--lighttpd", listing, "dir-listing.activate", port, "/files/")
        down = "proxy.server where nothing listens"
        desk.keep("proxy.unavailable--lighttpd", "lighttpd, 503", down, port, "/down")
        desk.keep("lighttpd_404", "", "no such file", port, "/nothing.html")


CADDY = """
{
    admin off
    auto_https off
}
http://:@port@ {
    handle /down* {
        reverse_proxy 127.0.0.1:@nobody@
    }
    handle /slow* {
        reverse_proxy 127.0.0.1:@silent@ {
            transport http {
                response_header_timeout 300ms
            }
        }
    }
    handle_path /files/* {
        root * @folder@/root
        file_server browse
    }
    handle {
        root * /usr/share/caddy
        file_server
    }
}
"""


def capture_caddy(desk: Desk) -> None:
    program = desk.need("caddy", "caddy")
    desk.read_version([program, "version"])
    desk.version = f"Caddy {desk.version}"
    desk.write("root/readme.txt", "a file\n")
    port, nobody = desk.find_port(), desk.find_port()
    with run_relay(desk, "silent") as silent:
        config = fill_in(CADDY, folder=desk.folder, port=port, nobody=nobody, silent=silent)
        path = desk.write("Caddyfile", config)
        with desk.run([program, "run", "--config", path, "--adapter", "caddyfile"], port):
            desk.keep("proxy.default_page--caddy", "Caddy's welcome page", "the package's default site", port)
            desk.keep("proxy.bad_gateway--caddy", "Caddy, 502", "reverse_proxy where nothing listens", port, "/down")
            desk.keep("proxy.timeout--caddy", "Caddy, 504", "reverse_proxy to one that is silent", port, "/slow")
            listing = "a directory listing of Caddy"
            desk.keep("proxy.directory_listing--caddy", listing, "file_server browse", port, "/files/")
            desk.keep("caddy_404", "", "no such file", port, "/nothing.html")


HAPROXY = """
defaults
    mode http
    timeout connect 1s
    timeout client 10s
    timeout server 300ms
    retries 0
frontend site
    bind 127.0.0.1:@port@
    use_backend short if { path_beg /short }
    use_backend silent if { path_beg /slow }
    use_backend closed if { path_beg /closed }
    default_backend down
backend down
    server one 127.0.0.1:@nobody@
backend short
    server one 127.0.0.1:@short@
backend silent
    server one 127.0.0.1:@silent@
backend closed
    http-request deny
    server one 127.0.0.1:@nobody@
"""


def capture_haproxy(desk: Desk) -> None:
    program = desk.need("haproxy", "haproxy")
    desk.read_version([program, "-v"])
    port, nobody = desk.find_port(), desk.find_port()
    with run_relay(desk, "silent") as silent, run_relay(desk, "garbage") as short:
        config = fill_in(HAPROXY, port=port, nobody=nobody, silent=silent, short=short)
        path = desk.write("haproxy.cfg", config)
        with desk.run([program, "-db", "-f", path], port):
            desk.keep("proxy.unavailable--haproxy", "HAProxy, 503", "a server where nothing listens", port)
            desk.keep("proxy.bad_gateway--haproxy", "HAProxy, 502", "a server that talks nonsense", port, "/short")
            desk.keep("proxy.timeout--haproxy", "HAProxy, 504", "a server that is silent", port, "/slow")
            desk.keep("haproxy_403", "", "http-request deny", port, "/closed")


def capture_varnish(desk: Desk) -> None:
    program = desk.need("varnishd", "varnish")
    desk.read_version([program, "-V"])
    port, nobody = desk.find_port(), desk.find_port()
    listen = ["-F", "-a", f"127.0.0.1:{port}", "-b", f"127.0.0.1:{nobody}", "-n", desk.folder / "work"]
    with desk.run([program, *listen, "-s", "malloc,16m", "-j", "none"], port):
        desk.keep_when(503, "proxy.unavailable--varnish", "Varnish", "a backend where nothing listens", port)


SQUID = """
http_port 127.0.0.1:@port@ accel defaultsite=site.smokegate.test no-vhost
cache_peer 127.0.0.1 parent @nobody@ 0 no-query originserver name=one connect-timeout=1
http_access allow all
cache_peer_access one allow all
access_log none
cache_log @folder@/cache.log
pid_filename @folder@/pid
coredump_dir @folder@
visible_hostname site.smokegate.test
shutdown_lifetime 0
"""


def capture_squid(desk: Desk) -> None:
    program = desk.need("squid", "squid")
    desk.read_version([program, "-v"])
    port, nobody = desk.find_port(), desk.find_port()
    path = desk.write("squid.conf", fill_in(SQUID, port=port, nobody=nobody, folder=desk.folder))
    with desk.run([program, "-N", "-n", "smokegate", "-f", path], port, as_nobody=True):
        desk.keep("proxy.bad_gateway--squid", "Squid", "an origin where nothing listens", port)


def capture_http_server(desk: Desk) -> None:
    desk.version = f"Python {sys.version.split()[0]} http.server"
    desk.write("root/readme.txt", "a file\n")
    port = desk.find_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", "root"]
    with desk.run(command, port):
        listing = "a directory listing of Python's http.server"
        desk.keep("proxy.directory_listing--python", listing, "a folder without an index file", port)
        desk.keep("python_404", "", "no such file", port, "/nothing.html")


PROGRAMS = {
    "nginx": capture_nginx,
    "apache": capture_apache,
    "lighttpd": capture_lighttpd,
    "caddy": capture_caddy,
    "haproxy": capture_haproxy,
    "varnish": capture_varnish,
    "squid": capture_squid,
    "http.server": capture_http_server,
}
