//! Every name that a diagnosis can have: part of the public interface.

/// A code of a diagnosis.
#[derive(Debug)]
pub struct CodeDefinition {
    /// The code: its layer, a point, the fault.
    pub code: &'static str,
    /// What is broken, as the beginning of a sentence.
    pub meaning: &'static str,
    /// How it is recognised.
    pub sign: &'static str,
    /// What to do next.
    pub advice: &'static str,
}

/// The definition of a code.
pub fn find_code(code: &str) -> Option<&'static CodeDefinition> {
    CODES.iter().find(|known| known.code == code)
}

impl CodeDefinition {
    /// How deep it lies: the smaller, the nearer to the ground, and the more follows from it.
    pub fn depth(&self) -> usize {
        CODES.iter().position(|known| known.code == self.code).unwrap_or(CODES.len())
    }

    /// Whether any fault below may look like it: named only where nothing else is.
    pub fn is_symptom(&self) -> bool {
        matches!(self.code, "application.error" | "speed.slow" | "speed.cold_start" | "unknown")
    }

    /// The layer.
    pub fn layer(&self) -> &'static str {
        self.code.split('.').next().unwrap_or(self.code)
    }
}

macro_rules! codes {
    ($($code:literal $meaning:literal $sign:literal $advice:literal;)*) => {
        /// All codes, from the ground up; our own side last.
        pub const CODES: &[CodeDefinition] = &[
            $(CodeDefinition { code: $code, meaning: $meaning, sign: $sign, advice: $advice },)*
        ];
    };
}

codes! {
    "dns.no_record" "the name has no DNS record"
        "DNS answers, and gives no address for the name"
        "add an A, AAAA or CNAME record for the name; new records may take as long as the old time to live";
    "dns.broken" "the name servers fail to answer for the name"
        "a name server answers SERVFAIL: mostly a DNSSEC signature that does not hold, or servers of the zone that are down"
        "ask `dig +trace` which name server does not answer, and `delv` whether the signatures hold";
    "dns.elsewhere" "the name leads to another server"
        "DNS gives addresses other than those that the target expects"
        "point the record at the new server, or wait until its old time to live has passed";
    "network.refused" "nothing listens there"
        "the connection is refused"
        "start the web server; where it runs, look at its port, and that it does not listen on 127.0.0.1 alone";
    "network.timeout" "nothing answers there"
        "no connection, or no answer to a request, within the time allowed"
        "look at the firewall and the security group, and whether the machine is up";
    "network.reset" "the connection is reset"
        "the other side resets the connection"
        "look into the web server's log: a worker may have crashed, or a firewall cut the connection";
    "network.closed" "the connection is closed without an answer"
        "the other side closes the connection before it has answered"
        "look into the web server's log: a worker may have crashed, or this port may not speak HTTP";
    "network.endless" "an answer does not end"
        "the body is larger than the limit, or still comes when the time is over and does not say how long it is"
        "find out what the page prints, and whether it is meant to come to an end";
    "tls.expired" "the certificate is not valid now"
        "the certificate has expired, or is not valid yet"
        "renew the certificate, find out why that did not happen by itself, and reload the web server";
    "tls.wrong_name" "the certificate is for another name"
        "the name is not among the certificate's names"
        "order a certificate for this name, or find out which server block answers for it";
    "tls.incomplete_chain" "the server does not send the intermediate certificate"
        "the issuer is not trusted, and the server sent its own certificate alone"
        "configure the full chain: `fullchain.pem` instead of `cert.pem`";
    "tls.untrusted" "the certificate is not trusted"
        "the certificate is self-signed, or its issuer is not among the trusted ones"
        "install a certificate of a public authority, or set the target's `ca` to your own authority";
    "proxy.default_page" "the web server's own page answers instead of the site"
        "the page is one that a web server, a cloud or a new project shows before it is set up"
        "enable the site's own configuration, and reload the web server";
    "proxy.directory_listing" "the web server lists a folder instead of the site"
        "the page is a listing of files"
        "put an index file there, and turn the listing off";
    "proxy.bad_gateway" "the application behind the proxy does not answer"
        "502 with a proxy's page: it cannot connect, or the answer breaks off"
        "check whether the application runs, and whether the proxy looks for it in the right place";
    "proxy.unavailable" "the service is unavailable"
        "503: a proxy has no healthy server, or the service itself says so"
        "check whether the application runs and passes its health checks, or is in maintenance mode";
    "proxy.timeout" "the application behind the proxy does not answer in time"
        "504 with a proxy's page"
        "find out what keeps the application busy: a lock, a slow query, a service that does not answer";
    "proxy.redirect_loop" "redirects lead in a circle"
        "a redirect to an address that was there before, or more of them than are followed"
        "make proxy and application agree on https: X-Forwarded-Proto, and who redirects";
    "proxy.redirect_astray" "a redirect leads to a development host"
        "the address in Location is localhost, or another that visitors cannot reach"
        "set the site's public address in the application, and pass Host and X-Forwarded-Proto on";
    "content.parking_page" "a parking page answers instead of the site"
        "the page is a registrar's or a broker's"
        "point the domain's records at this site";
    "access.login_wall" "the site is behind a login"
        "401 with WWW-Authenticate, or the page of a login service where another was expected"
        "remove the login, or give the target its credentials in smokegate.toml";
    "release.mixed" "two releases are served side by side"
        "the revision differs from request to request"
        "restart all workers, on all machines";
    "release.stale" "the old release is still served"
        "the revision is not the expected one"
        "restart the workers, and check whether the deployment finished";
    "application.host_not_allowed" "the application does not know the host name"
        "a framework's own page for a host that is not in its list"
        "add the name to the application's allowed hosts";
    "dependency.missing" "a package is missing"
        "an error page names a module, class or library that cannot be found"
        "install the dependencies of this release on the server, and restart it (Python: `pip install -r requirements.txt`; Node: `npm ci`)";
    "static.missing" "static files are missing"
        "404 or 410 for a stylesheet, script, image or font"
        "build and collect the static files, and look at the web server's location for them";
    "static.forbidden" "static files are forbidden"
        "401 or 403 for a stylesheet, script, image or font"
        "let the web server's user read the files and pass through their folders";
    "static.html_instead" "a page is sent in place of a static file"
        "200 and HTML where a stylesheet or script was asked for"
        "build the files; then exclude their address from the application's catch-all";
    "static.wrong_type" "a static file has the wrong content type"
        "a stylesheet or script is sent as a type that browsers refuse"
        "include the web server's mime.types";
    "static.empty" "a static file is empty"
        "200 and no bytes"
        "build and copy it again, and check whether the disk is full";
    "static.truncated" "a static file is cut short or broken"
        "fewer bytes than promised, or an encoding that does not decode"
        "copy it again, and check whether the disk is full and which compressed copies lie beside it";
    "static.integrity" "a static file is of another build than the page"
        "its hash is not the one that the page's integrity attribute names"
        "deploy page and files of one build together, and empty the caches";
    "static.dev_address" "the page names a development host"
        "localhost, 127.0.0.1 or a private name in an address that visitors follow"
        "set the public address of assets in the build's settings";
    "static.mixed_content" "the page names plain http"
        "http on an https page: browsers do not load it"
        "build addresses without a scheme or with https; pass X-Forwarded-Proto on";
    "static.csp" "the content security policy forbids what the page needs"
        "the browser refuses a file or a script because of Content-Security-Policy"
        "add its origin, hash or nonce to the policy of this release, or take it out of the page";
    "script.exception" "a script throws"
        "an exception that nothing catches, or an error on the console"
        "open the browser's console on this page; compare the script's build with the page's";
    "database.unreachable" "the application does not reach its database"
        "an error page says that there is no connection; or the site fails, and nothing reaches its database from here either"
        "check whether the database runs, and the address the application is given for it";
    "database.login" "the database refuses the application's login"
        "an error page says that the login is refused"
        "check the name and the password of the application's database account";
    "database.denied" "the application lacks rights on its database"
        "an error page or the database says that a right is missing"
        "grant the application's account its rights";
    "database.read_only" "the database is read only"
        "an error page or the database says that it may not be written to"
        "point the application at the primary, or make the database writable";
    "database.full" "the database is full"
        "an error page or the database says that there is no room"
        "free space on the database's disk";
    "database.locked" "the database is locked"
        "an error page or the database says that a lock was not given in time"
        "find the transaction that holds the lock";
    "database.schema" "the database's schema does not fit the code"
        "an error page or the database names a table or column that is missing; or reads work and a form, or a request that is to make something, is a plain 500"
        "run the migrations of this release on the server";
    "database.other_database" "the application writes to another database"
        "what was written is there for other visitors of the site, and not in the declared database"
        "compare the application's database address with the one in smokegate.toml";
    "database.write_lost" "what was written is not there"
        "a form or request answers well, and a second look or the database does not find what it wrote"
        "look in the application's log for a rollback at this time, and compare its database address with the declared one";
    "application.debug_page" "debug mode is on"
        "the page is a framework's debug or developer page"
        "turn debug mode off: the page shows source and settings to everybody";
    "session.csrf" "forms are refused: their CSRF token does not come back"
        "a framework's own answer to a form without its token"
        "look at the session and CSRF cookies: domain, path, secure, SameSite, and the trusted origins";
    "session.cookie_lost" "a cookie is set and never sent back"
        "a cookie was set for another domain or path, or `Secure` over http"
        "look at the cookie's domain, path, secure and SameSite";
    "session.leak" "one visitor sees another's data"
        "a page of one actor shows what another one has written, where the spec says it must not"
        "look at caches before the site (Vary, Cache-Control: private) and at how lists are filtered by visitor";
    "content.unrendered" "a template is not rendered"
        "template tags or source code where text should be"
        "check whether the application renders the page or the web server sends its source";
    "content.encoding" "text is in the wrong encoding"
        "letters that come from reading UTF-8 as something else, such as `Ã©`"
        "send charset=utf-8, and read templates and database as UTF-8";
    "content.empty" "the page is empty"
        "200 and nothing to see"
        "look into the application's log, and check whether the build holds the page";
    "speed.cold_start" "the first request is slow"
        "the first request is over its limit, and later ones are far below"
        "warm the workers up after a deployment";
    "speed.slow" "the site is slow"
        "a time is over its limit, and everything else holds"
        "look at the application's slowest queries, at its workers and at the machine's load";
    "application.error" "the application fails"
        "a status of 500 without more"
        "look into the application's log for this time";
    "unknown" "no known cause matches"
        "something failed, and neither what was seen nor what was asked afterwards matches a known fault"
        "look at what failed and at what was asked afterwards; if you recognise the page, describe it as a [[mark]] in smokegate.toml";
    "harness.browser_missing" "there is no browser here"
        "no browser or no driver on this machine"
        "install one: `smokegate setup --install`";
    "harness.driver_mismatch" "browser and driver do not fit"
        "the driver refuses the browser's version"
        "bring both to the same version: `smokegate setup` shows what is here";
    "harness.no_display" "there is no display here"
        "the browser's window is to be shown, and neither DISPLAY nor WAYLAND_DISPLAY is set"
        "run without `--headed`, or on a display of its own: `xvfb-run smokegate run --headed`";
    "harness.driver_died" "the browser or its driver ended"
        "the connection to the driver is gone, or the browser does not start"
        "look at this machine's memory and /dev/shm, and try again";
    "harness.webdriver" "the remote WebDriver cannot be used"
        "it cannot be reached, lets nobody in, or has no slot for this browser"
        "look at the address, user and password after --webdriver, and at the Grid's own page";
    "harness.database_unreachable" "the database cannot be reached from here"
        "no connection to the database named in smokegate.toml, or it takes no more of them; the site itself shows nothing of it"
        "check the database's address in smokegate.toml, that its server is up, and that this machine may connect to it";
    "harness.database_login" "the database refuses our login"
        "the database named in smokegate.toml does not let us in, or there is none of that name"
        "check the database's address and account in smokegate.toml";
    "harness.database_denied" "the database does not let us do that"
        "the account named in smokegate.toml lacks a right, or the database takes no writes from it"
        "grant the account in smokegate.toml what the step needs, or name another one there";
    "harness.database_file" "the database's file cannot be opened"
        "the file named in smokegate.toml is missing, or may not be read"
        "check the path in smokegate.toml: a relative one is relative to the project file's folder";
    "harness.disk_full" "the disk is full here"
        "a file cannot be written on this machine"
        "free space on this machine";
    "harness.offline" "no way leads to the site from here"
        "no name server answers, or no network leads to the target from this machine"
        "check this machine's network and its name servers";
}
