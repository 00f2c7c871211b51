"""PHP on its built-in server, and applications of Debian's packages on it."""

import shutil
from pathlib import Path

from programs.desk import Desk, Missing
from programs.python import APPS

FATAL = "<?php\nini_set('display_errors', '1');\n"
CONNECT = FATAL + "$database = new PDO('@address@', 'app', 'peacock');\n"
SQLITE = FATAL + "$database = new PDO('sqlite::memory:');\n"

PAGES = {
    "class.php": FATAL + "$log = new Monolog\\Logger('site');\n",
    "autoload.php": FATAL + "require __DIR__ . '/vendor/autoload.php';\n",
    "error.php": FATAL + "throw new RuntimeException('bad value');\n",
    "parse.php": FATAL + "include 'broken.inc';\n",
    "broken.inc": "<?php\n$a = ;\n",
    "quiet.php": "<?php\nini_set('display_errors', '0');\nthrow new RuntimeException('bad value');\n",
    "refused.php": CONNECT,
    "table.php": SQLITE + "$database->query('select * from lists_item');\n",
}

WORDPRESS = """<?php
define('DB_NAME', 'site');
define('DB_USER', 'app');
define('DB_PASSWORD', 'peacock');
define('DB_HOST', '127.0.0.1:@nobody@');
$table_prefix = 'wp_';
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

MEDIAWIKI = """<?php
$wgSitename = 'Site';
$wgServer = 'http://site.smokegate.test';
$wgScriptPath = '';
$wgDBtype = 'mysql';
$wgDBserver = '127.0.0.1:@nobody@';
$wgDBname = 'site';
$wgDBuser = 'app';
$wgDBpassword = 'peacock';
$wgSecretKey = 'only-for-tests';
$wgCacheDirectory = __DIR__ . '/cache';
"""

SYMFONY = """<?php
spl_autoload_register(null);
require '/usr/share/php/Symfony/Component/ErrorHandler/autoload.php';
require '/usr/share/php/Symfony/Component/HttpFoundation/autoload.php';
Symfony\\Component\\ErrorHandler\\Debug::enable();
throw new RuntimeException('bad value');
"""

SYMFONY_FIRST = """<?php
require '/usr/share/php/Symfony/Bundle/FrameworkBundle/autoload.php';

class Site extends Symfony\\Component\\HttpKernel\\Kernel
{
    use Symfony\\Bundle\\FrameworkBundle\\Kernel\\MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new Symfony\\Bundle\\FrameworkBundle\\FrameworkBundle()];
    }

    public function getProjectDir(): string
    {
        return __DIR__;
    }

    protected function configureContainer($container): void
    {
        $container->extension('framework', ['secret' => 'only-for-tests', 'router' => ['utf8' => true]]);
    }

    protected function configureRoutes($routes): void
    {
    }
}

$site = new Site('dev', true);
$request = Symfony\\Component\\HttpFoundation\\Request::createFromGlobals();
$site->handle($request)->send();
"""


def run_php(desk: Desk, port: int, folder: Path, router: str = "", shows_errors: bool = True):
    program = desk.need("php", "php-cli php-mysql php-sqlite3")
    front = [folder / router] if router else []
    options = ["-d", "html_errors=1", "-d", f"display_errors={int(shows_errors)}", "-d", "error_reporting=E_ALL"]
    return desk.run([program, *options, "-S", f"127.0.0.1:{port}", "-t", folder, *front], port)


def name_version(desk: Desk) -> None:
    program = desk.need("php", "php-cli php-mysql php-sqlite3")
    desk.read_version([program, "-r", "echo 'PHP ' . PHP_VERSION;"])


def capture_php(desk: Desk) -> None:
    name_version(desk)
    nobody = desk.find_port()
    for name, text in PAGES.items():
        desk.write(f"root/{name}", text.replace("@address@", f"mysql:host=127.0.0.1;port={nobody};dbname=site"))
    port = desk.find_port()
    with run_php(desk, port, desk.folder / "root"):
        missing, error = "a PHP class or package is missing", "a PHP error"
        desk.keep("dependency.missing--php_class", missing, "display_errors, a class", port, "/class.php")
        desk.keep("dependency.missing--php_autoload", missing, "display_errors, vendor", port, "/autoload.php")
        desk.keep("application.error--php", error, "display_errors, an exception", port, "/error.php")
        desk.keep("application.error--php_parse", error, "display_errors, a parse error", port, "/parse.php")
        gone = "PHP shows that the database cannot be reached"
        desk.keep("database.unreachable--php", gone, "display_errors, PDO, nothing listens", port, "/refused.php")
        table = "PHP shows that a table or column is missing"
        desk.keep("database.schema--php", table, "display_errors, PDO, SQLite, no such table", port, "/table.php")
        desk.keep("php_500", "", "no display_errors, an exception", port, "/quiet.php")
        desk.keep("php_404", "", "no such file", port, "/nothing.html")


def link_package(desk: Desk, package: str, without: set[str]) -> Path:
    """A copy of a package's files, by links."""
    source = Path("/usr/share") / package
    if not source.is_dir():
        raise Missing(f"apt-get install {package}")
    shutil.copytree(source, desk.folder / "root", ignore=lambda folder, names: without & set(names), symlinks=False)
    return desk.folder / "root"


def capture_wordpress(desk: Desk) -> None:
    name_version(desk)
    root = link_package(desk, "wordpress", {"wp-config.php"})
    version = next(line for line in (root / "wp-includes/version.php").read_text().splitlines() if "$wp_version =" in line)
    desk.version = f"WordPress {version.split(chr(39))[1]}, {desk.version}"
    (root / "wp-config.php").write_text(WORDPRESS.replace("@nobody@", str(desk.find_port())))
    port = desk.find_port()
    with run_php(desk, port, root):
        mark, how = "WordPress without its database", "its database is not there"
        desk.keep("database.unreachable--wordpress", mark, how, port)
        (root / ".maintenance").write_text("<?php $upgrading = time();\n")
        mark, how = "WordPress, maintenance", "an update has begun"
        desk.keep("proxy.unavailable--wordpress", mark, how, port)
        (root / ".maintenance").unlink()
        (root / "wp-content" / "db.php").write_text("<?php\nnobody_has_this_function();\n")
        mark, how = "a PHP error", "a drop-in fails, display_errors"
        desk.keep("application.error--wordpress_shown", mark, how, port)
    with run_php(desk, port, root, shows_errors=False):
        mark, how = "WordPress, critical error", "a drop-in fails"
        desk.keep("application.error--wordpress", mark, how, port)


def capture_mediawiki(desk: Desk) -> None:
    name_version(desk)
    root = link_package(desk, "mediawiki", {"LocalSettings.php", "images", "mw-config"})
    text = (root / "includes/Defines.php").read_text()
    version = next(line.split("'")[3] for line in text.splitlines() if "'MW_VERSION'" in line)
    desk.version = f"MediaWiki {version}, {desk.version}"
    (root / "cache").mkdir(exist_ok=True)
    (root / "LocalSettings.php").write_text(MEDIAWIKI.replace("@nobody@", str(desk.find_port())))
    port = desk.find_port()
    with run_php(desk, port, root):
        mark, how = "MediaWiki without its database", "its database is not there"
        desk.keep("database.unreachable--mediawiki", mark, how, port, "/index.php")


def capture_symfony(desk: Desk) -> None:
    if not Path("/usr/share/php/Symfony/Bundle/FrameworkBundle").is_dir():
        raise Missing("apt-get install php-symfony-framework-bundle php-symfony-error-handler")
    name_version(desk)
    desk.write("error/index.php", SYMFONY)
    desk.write("first/index.php", SYMFONY_FIRST)
    port = desk.find_port()
    desk.version = f"Symfony of Debian, {desk.version}"
    with run_php(desk, port, desk.folder / "error"):
        desk.keep("application.debug_page--symfony", "Symfony's debug page", "debug, an exception", port)
    with run_php(desk, port, desk.folder / "first", "index.php"):
        desk.keep("proxy.default_page--symfony", "Symfony's first page", "debug, no routes yet", port)


def capture_laravel(desk: Desk) -> None:
    if not Path("/usr/share/php/Illuminate").is_dir():
        raise Missing("apt-get install php-laravel-framework php-sqlite3")
    name_version(desk)
    desk.version = f"Laravel of Debian, {desk.version}"
    (desk.folder / "root").mkdir()
    shutil.copy(APPS / "laravel_site.php", desk.folder / "root" / "index.php")
    port = desk.find_port()
    with run_php(desk, port, desk.folder / "root", "index.php"):
        debug = "Laravel's debug page"
        desk.keep("application.debug_page--laravel", debug, "APP_DEBUG, without Ignition, an exception", port, "/error")
        table = "Laravel, a table or column is missing"
        desk.keep("database.schema--laravel", table, "APP_DEBUG, SQLite, no such table", port, "/table")
        expired = "Laravel's Page Expired"
        desk.keep("session.csrf--laravel", expired, "a POST without a token", port, "/form", method="POST", body="")
        desk.keep("laravel_404", "", "no such route", port, "/nothing")


PROGRAMS = {
    "php": capture_php,
    "laravel": capture_laravel,
    "wordpress": capture_wordpress,
    "mediawiki": capture_mediawiki,
    "symfony": capture_symfony,
}
