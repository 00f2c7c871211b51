"""Java's servers."""

import shutil
from pathlib import Path

from programs.desk import Desk, Missing

HOME = Path("/usr/share/tomcat10")
ERROR = "<% if (true) throw new RuntimeException(\"bad value\"); %>\n"
MISSING = "<% Class.forName(\"org.example.Missing\"); %>\n"
PLAIN = "<Valve className=\"org.apache.catalina.valves.ErrorReportValve\" showReport=\"false\" showServerInfo=\"false\"/>"


def capture_tomcat(desk: Desk) -> None:
    if not HOME.is_dir():
        raise Missing("apt-get install tomcat10")
    java = desk.need("java", "default-jre-headless")
    for name in ("logs", "temp", "work", "webapps/listed", "webapps/broken"):
        (desk.folder / name).mkdir(parents=True)
    shutil.copytree("/etc/tomcat10", desk.folder / "conf")
    shutil.copytree("/var/lib/tomcat10/webapps/ROOT", desk.folder / "webapps/ROOT")
    desk.write("webapps/broken/error.jsp", ERROR)
    desk.write("webapps/broken/missing.jsp", MISSING)
    desk.write("webapps/listed/readme.txt", "a file\n")
    port = desk.find_port()
    server = desk.folder / "conf" / "server.xml"
    server.write_text(server.read_text().replace('port="8080"', f'port="{port}" address="127.0.0.1"').replace('port="8005"', 'port="-1"'))
    web = desk.folder / "conf" / "web.xml"
    text = web.read_text()
    listings = "<param-name>listings</param-name>\n            <param-value>"
    web.write_text(text.replace(listings + "false", listings + "true"))
    classes = ":".join(str(HOME / "bin" / name) for name in ("bootstrap.jar", "tomcat-juli.jar"))
    options = [f"-Dcatalina.home={HOME}", f"-Dcatalina.base={desk.folder}", f"-Djava.io.tmpdir={desk.folder}/temp"]
    with desk.run([java, *options, "-cp", classes, "org.apache.catalina.startup.Bootstrap", "start"], port):
        desk.version = "Apache Tomcat 10 of Debian"
        desk.keep("proxy.default_page--tomcat_debian", "Tomcat's welcome page", "the package's default site", port)
        stack = "Tomcat with a stack"
        desk.keep("application.debug_page--tomcat", stack, "a JSP throws", port, "/broken/error.jsp")
        missing = "a Java class is missing"
        desk.keep("dependency.missing--tomcat", missing, "a class that is not there", port, "/broken/missing.jsp")
        listing = "a directory listing of a Java server"
        desk.keep("proxy.directory_listing--tomcat", listing, "listings, no welcome file", port, "/listed/")
        desk.keep("tomcat_404", "", "no such file", port, "/nothing.html")


PROGRAMS = {"tomcat": capture_tomcat}
