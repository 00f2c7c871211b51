//! The options of curl, and what each means here.

/// What an option means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Method,
    Header,
    Data,
    DataRaw,
    DataBinary,
    DataUrlencode,
    Json,
    Form,
    FormString,
    User,
    Bearer,
    Cookie,
    AsGet,
    Head,
    Location,
    MaxRedirects,
    MaxTime,
    UserAgent,
    Referer,
    Address,
    AddressQuery,
    FailOnError,
    /// Changes nothing that a spec says.
    Nothing,
    /// Changes nothing, and takes a value.
    NothingWithValue,
    /// Belongs in the target.
    Target(&'static str),
    /// Belongs in the target, and takes a value.
    TargetWithValue(&'static str),
}

use Meaning as M;

/// Short and long names of curl's options.
pub(super) const OPTIONS: &[(&str, &str, Meaning)] = &[
    ("X", "request", M::Method),
    ("H", "header", M::Header),
    ("d", "data", M::Data),
    ("", "data-ascii", M::Data),
    ("", "data-raw", M::DataRaw),
    ("", "data-binary", M::DataBinary),
    ("", "data-urlencode", M::DataUrlencode),
    ("", "json", M::Json),
    ("F", "form", M::Form),
    ("", "form-string", M::FormString),
    ("u", "user", M::User),
    ("", "oauth2-bearer", M::Bearer),
    ("b", "cookie", M::Cookie),
    ("G", "get", M::AsGet),
    ("I", "head", M::Head),
    ("L", "location", M::Location),
    ("", "location-trusted", M::Location),
    ("", "max-redirs", M::MaxRedirects),
    ("m", "max-time", M::MaxTime),
    ("A", "user-agent", M::UserAgent),
    ("e", "referer", M::Referer),
    ("", "url", M::Address),
    ("", "url-query", M::AddressQuery),
    ("f", "fail", M::FailOnError),
    ("", "fail-with-body", M::FailOnError),
    ("s", "silent", M::Nothing),
    ("S", "show-error", M::Nothing),
    ("v", "verbose", M::Nothing),
    ("i", "include", M::Nothing),
    ("", "show-headers", M::Nothing),
    ("#", "progress-bar", M::Nothing),
    ("", "no-progress-meter", M::Nothing),
    ("N", "no-buffer", M::Nothing),
    ("g", "globoff", M::Nothing),
    ("O", "remote-name", M::Nothing),
    ("", "compressed", M::Nothing),
    ("", "basic", M::Nothing),
    ("", "http1.1", M::Nothing),
    ("", "http2", M::Nothing),
    ("", "path-as-is", M::Nothing),
    ("o", "output", M::NothingWithValue),
    ("w", "write-out", M::NothingWithValue),
    ("D", "dump-header", M::NothingWithValue),
    ("c", "cookie-jar", M::NothingWithValue),
    ("", "connect-timeout", M::NothingWithValue),
    ("k", "insecure", M::Target("insecure = true")),
    ("", "cacert", M::TargetWithValue("ca = \"...\"")),
    ("", "resolve", M::TargetWithValue("resolve = \"...\"")),
    ("", "connect-to", M::TargetWithValue("resolve = \"...\"")),
    ("x", "proxy", M::TargetWithValue("proxy = \"...\"")),
    ("E", "cert", M::TargetWithValue("a client certificate")),
    ("", "key", M::TargetWithValue("a client certificate")),
];

/// Options that we do not carry over and that take a value, so that it is not mistaken for an address.
pub(super) const WITH_VALUE: &[&str] = &[
    "retry",
    "retry-delay",
    "retry-max-time",
    "range",
    "limit-rate",
    "interface",
    "dns-servers",
    "ciphers",
    "netrc-file",
    "unix-socket",
    "aws-sigv4",
    "upload-file",
    "config",
    "max-filesize",
    "speed-limit",
    "speed-time",
    "tls-max",
    "local-port",
    "proxy-user",
    "doh-url",
    "trace",
    "trace-ascii",
    "stderr",
    "noproxy",
    "cert-type",
    "key-type",
    "pass",
    "time-cond",
    "continue-at",
    "keepalive-time",
    "expect100-timeout",
    "proto",
    "proto-default",
    "capath",
];

/// Their short forms.
pub(super) const SHORT_WITH_VALUE: &[(char, &str)] = &[
    ('r', "range"),
    ('T', "upload-file"),
    ('K', "config"),
    ('U', "proxy-user"),
    ('z', "time-cond"),
    ('C', "continue-at"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
];

impl Meaning {
    /// Whether a value follows.
    pub(super) fn takes_value(self) -> bool {
        !matches!(self, M::AsGet | M::Head | M::Location | M::FailOnError | M::Nothing | M::Target(_))
    }
}
