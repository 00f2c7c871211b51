"""Node's servers, with packages of npm that are installed once, in target/sites/programs."""

import shutil
import subprocess
from pathlib import Path

from control import folders
from programs.desk import Desk, Missing
from programs.python import APPS, ELSEWHERE

PACKAGES = {
    "cookie-parser": "1.4.7",
    "csurf": "1.11.0",
    "express": "5.1.0",
    "express-generator": "4.16.1",
    "debug": "4.4.1",
    "morgan": "1.10.1",
    "http-server": "14.1.1",
    "lodash": "4.17.21",
    "mysql2": "3.14.3",
    "next": "16.4.6",
    "pg": "8.16.3",
    "react": "19.3.1",
    "react-dom": "19.3.1",
    "serve": "14.2.4",
    "serve-index": "1.9.1",
    "vite": "7.1.0",
    "webpack": "5.101.0",
    "webpack-cli": "6.0.1",
    "webpack-dev-server": "5.2.2",
}
CACHE = folders.CACHE / "programs" / "node"


def install(desk: Desk) -> Path:
    """The folder of the packages."""
    desk.need("npm", "npm")
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    stamp = CACHE / "stamp"
    if not stamp.exists() or stamp.read_text() != " ".join(wanted):
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text("{}")
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", *wanted], cwd=CACHE, capture_output=True)
        if done.returncode:
            raise Missing(f"npm could not install its packages: {done.stderr[-300:].decode()}")
        stamp.write_text(" ".join(wanted))
    return CACHE / "node_modules"


def name_version(desk: Desk, name: str) -> None:
    node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    desk.version = f"{name} {PACKAGES[name]}, Node {node.removeprefix('v')}"


def capture_express(desk: Desk) -> None:
    modules = install(desk)
    name_version(desk, "express")
    desk.write("root/readme.txt", "a file\n")
    shutil.copy(APPS / "express_site.js", desk.folder)
    (desk.folder / "node_modules").symlink_to(modules)
    port = desk.find_port()
    with desk.run(["node", "express_site.js", str(port)], port):
        stack = "Express with a stack"
        desk.keep("application.debug_page--express", stack, "NODE_ENV is not production, an Error", port, "/value")
        missing = "a Node package is missing"
        desk.keep("dependency.missing--express", missing, "require of a package that is not there", port, "/package")
        gone = "the database cannot be reached"
        desk.keep("database.unreachable--express_mysql", gone, "mysql2, nothing listens", port, "/mysql")
        desk.keep("database.unreachable--express_postgresql", gone, "pg, nothing listens", port, "/postgresql")
        token = "a token of another framework"
        desk.keep("session.csrf--express", token, "csurf, a POST without a token", port, "/form", method="POST", body="")
        listing = "a directory listing of Node's servers"
        how = "serve-index, no index file"
        desk.keep("proxy.directory_listing--express", listing, how, port, "/files/")
        desk.keep("express_404", "", "an address that does not exist", port, "/nothing")
    with desk.run(["node", "express_site.js", str(port)], port, environment={"NODE_ENV": "production"}):
        desk.keep("express_500", "", "NODE_ENV is production, an Error", port, "/value")


def capture_express_generator(desk: Desk) -> None:
    modules = install(desk)
    generator = modules / ".bin" / "express"
    subprocess.run([generator, "--no-view", "--force", "."], cwd=desk.folder, check=True, capture_output=True)
    (desk.folder / "node_modules").symlink_to(modules)
    name_version(desk, "express-generator")
    port = desk.find_port()
    with desk.run(["node", "bin/www"], port, environment={"PORT": str(port)}):
        desk.keep("proxy.default_page--express", "Express' first page", "what express-generator wrote", port)


def capture_serve(desk: Desk) -> None:
    modules = install(desk)
    desk.write("root/readme.txt", "a file\n")
    port = desk.find_port()
    name_version(desk, "serve")
    with desk.run([modules / ".bin" / "serve", "-l", f"tcp://127.0.0.1:{port}", "--no-port-switching", "root"], port):
        listing = "a directory listing of Node's servers"
        desk.keep("proxy.directory_listing--serve", listing, "a folder without an index file", port)
        desk.keep("serve_404", "", "no such file", port, "/nothing")
    name_version(desk, "http-server")
    with desk.run([modules / ".bin" / "http-server", "root", "-a", "127.0.0.1", "-p", str(port)], port):
        listing = "a directory listing of nginx, Apache or lighttpd"
        desk.keep("proxy.directory_listing--http_server", listing, "a folder without an index file", port)
        desk.keep("http_server_404", "", "no such file", port, "/nothing")


def capture_vite(desk: Desk) -> None:
    modules = install(desk)
    desk.write("index.html", "<!DOCTYPE html><title>Home</title><h1>Home</h1>\n")
    name_version(desk, "vite")
    port = desk.find_port()
    command = [modules / ".bin" / "vite", "--host=127.0.0.1", f"--port={port}", "--strictPort"]
    with desk.run(command, port):
        mark, how = "Vite's development server, blocked host", "the development server, by another name"
        desk.keep("application.host_not_allowed--vite", mark, how, port, headers=ELSEWHERE)


def capture_webpack(desk: Desk) -> None:
    modules = install(desk)
    desk.write("src/index.js", "document.title = 'Home';\n")
    (desk.folder / "node_modules").symlink_to(modules)
    name_version(desk, "webpack-dev-server")
    port = desk.find_port()
    command = [modules / ".bin" / "webpack", "serve", "--mode=development", "--host=127.0.0.1", f"--port={port}"]
    with desk.run(command, port):
        mark, how = "webpack's development server, blocked host", "the development server, by another name"
        desk.keep("application.host_not_allowed--webpack", mark, how, port, headers=ELSEWHERE)


FAILS_IN_THE_BROWSER = """
import { useEffect, useState } from "react";
export default function Home() {
  const [count, set] = useState(0);
  useEffect(() => set(1), []);
  if (count === 1) throw new Error("no such release");
  return <h1>Home</h1>;
}
"""


def capture_next(desk: Desk) -> None:
    modules = install(desk)
    desk.write("package.json", "{}\n")
    desk.write("pages/index.js", FAILS_IN_THE_BROWSER)
    # Its builder follows no links out of the folder.
    shutil.copytree(modules, desk.folder / "node_modules", symlinks=True)
    name_version(desk, "next")
    program = desk.folder / "node_modules" / ".bin" / "next"
    subprocess.run([program, "build"], cwd=desk.folder, check=True, capture_output=True)
    port = desk.find_port()
    with desk.run([program, "start", "-H", "127.0.0.1", "-p", str(port)], port):
        mark, how = "a plain error of a client-side framework", "a component throws in the browser; as Chromium shows it"
        desk.keep_shown("script.exception--next", mark, how, port)


STRAPI = "@strapi/strapi@4.25.0"


def capture_strapi(desk: Desk) -> None:
    """Its first page as its middleware fills it in; the whole of it would be a thousand packages and a database."""
    modules = install(desk)
    subprocess.run(["npm", "pack", "--silent", STRAPI], cwd=desk.folder, check=True, capture_output=True)
    shutil.unpack_archive(next(desk.folder.glob("*.tgz")), desk.folder)
    (desk.folder / "node_modules").symlink_to(modules)
    shutil.copy(APPS / "strapi_page.js", desk.folder)
    desk.version = STRAPI.removeprefix("@strapi/").replace("@", " ").capitalize()
    port = desk.find_port()
    with desk.run(["node", "strapi_page.js", str(port)], port):
        how = "the template of its package, filled in as its middleware does"
        desk.keep("proxy.default_page--strapi", "Strapi's first page", how, port)


PROGRAMS = {
    "express": capture_express,
    "express-generator": capture_express_generator,
    "next": capture_next,
    "serve": capture_serve,
    "strapi": capture_strapi,
    "vite": capture_vite,
    "webpack": capture_webpack,
}
