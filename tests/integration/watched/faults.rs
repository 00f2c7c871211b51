//! Pages that have exactly one fault, and their healthy twins.

/// What a page has in its head or body, and the same in order.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) healthy: &'static str,
    /// The subject that fails, with what it tells.
    pub(crate) subject: &'static str,
    pub(crate) told: &'static [&'static str],
    /// The diagnosis; empty where there is none.
    pub(crate) code: &'static str,
}

const fn fault(
    name: &'static str,
    [broken, healthy]: [&'static str; 2],
    subject: &'static str,
    told: &'static [&'static str],
    code: &'static str,
) -> Fault {
    Fault { name, broken, healthy, subject, told, code }
}

pub(crate) const FAULTS: &[Fault] = &[
    fault("document", ["", ""], "status", &["404"], ""),
    fault(
        "frame missing",
        ["<iframe src=/gone></iframe>", "<iframe src=/ok.html></iframe>"],
        "requests.failed",
        &["404 ", "/gone"],
        "",
    ),
    fault(
        "frame broken",
        ["<iframe src=/error></iframe>", "<iframe src=/ok.html></iframe>"],
        "requests.failed",
        &["500 ", "/error"],
        "application.error",
    ),
    fault(
        "console",
        ["<script>\nconsole.error('broken widget')</script>", "<script>console.warn('old widget')</script>"],
        "console.errors",
        &["broken widget", ":2:"],
        "",
    ),
    fault(
        "exception",
        ["<script src=/throws.js></script>", "<script src=/catches.js></script>"],
        "console.errors",
        &["Error: boom", "/throws.js:2:"],
        "script.exception",
    ),
    fault(
        "exception in a frame",
        ["<iframe src=/throws.html></iframe>", "<iframe src=/ok.html></iframe>"],
        "console.errors",
        &["Error: boom", "/throws.js:2:"],
        "script.exception",
    ),
    fault(
        "syntax",
        ["<script src=/syntax.js></script>", "<script src=/ok.js></script>"],
        "console.errors",
        &["SyntaxError", "/syntax.js:2:"],
        "script.exception",
    ),
    fault(
        "rejection",
        [
            "<script src=/rejects.js></script>",
            "<script>Promise.reject(new Error('lost')).catch(() => {})</script>",
        ],
        "console.errors",
        &["Error: lost promise", "/rejects.js:2:"],
        "script.exception",
    ),
    fault(
        "rejection of a text",
        ["<script>Promise.reject('lost text')</script>", "<script>Promise.resolve('text')</script>"],
        "console.errors",
        &["lost text"],
        "script.exception",
    ),
    fault(
        "stylesheet missing",
        ["<link rel=stylesheet href=/gone.css>", "<link rel=stylesheet href=/ok.css>"],
        "requests.failed",
        &["404 ", "/gone.css"],
        "static.missing",
    ),
    fault(
        "stylesheet html",
        ["<link rel=stylesheet href=/ok.html>", "<link rel=stylesheet href=/ok.css>"],
        "requests.failed",
        &["text/html ", "/ok.html"],
        "static.html_instead",
    ),
    fault(
        "stylesheet plain",
        ["<link rel=stylesheet href=/plain>", "<link rel=stylesheet href=/ok.css>"],
        "requests.failed",
        &["text/plain ", "/plain"],
        "static.wrong_type",
    ),
    fault(
        "stylesheet nosniff",
        ["<link rel=stylesheet href=/nosniff>", "<link rel=stylesheet href=/ok.css>"],
        "requests.failed",
        // Chromium does not tell the type of what it refuses.
        &["/nosniff"],
        "static.wrong_type",
    ),
    fault(
        "script missing",
        ["<script src=/gone.js></script>", "<script src=/ok.js></script>"],
        "requests.failed",
        &["404 ", "/gone.js"],
        "static.missing",
    ),
    fault(
        "script html",
        ["<script src=/ok.html></script>", "<script src=/plain></script>"],
        "requests.failed",
        &["text/html ", "/ok.html"],
        "static.html_instead",
    ),
    fault(
        "script nosniff",
        ["<script src=/nosniff></script>", "<script src=/ok.js></script>"],
        "requests.failed",
        &["text/plain ", "/nosniff"],
        "static.wrong_type",
    ),
    fault(
        "module html",
        ["<script type=module src=/ok.html></script>", "<script type=module src=/ok.js></script>"],
        "requests.failed",
        &["text/html ", "/ok.html"],
        "static.html_instead",
    ),
    fault(
        "script integrity",
        [
            "<script src=/ok.js integrity=sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=></script>",
            "<script src=/ok.js integrity=sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=></script>",
        ],
        "requests.failed",
        &["integrity hash does not match", "/ok.js"],
        "static.integrity",
    ),
    fault(
        "image missing",
        ["<img alt=x src=/gone.png>", "<img alt=x src=/ok.svg>"],
        "requests.failed",
        &["404 ", "/gone.png"],
        "static.missing",
    ),
    fault(
        "image broken",
        ["<img alt=x src=/broken.png>", "<img alt=x src=/ok.svg>"],
        "requests.failed",
        &["broken image", "/broken.png"],
        "static.truncated",
    ),
    fault(
        "image html",
        ["<img alt=x src=/ok.html>", "<img alt=x src=/ok.svg>"],
        "requests.failed",
        &["text/html ", "/ok.html"],
        "static.html_instead",
    ),
    fault(
        "background request",
        ["<script>fetch('/error')</script>", "<script>fetch('/ok.html')</script>"],
        "requests.failed",
        &["500 ", "/error"],
        "application.error",
    ),
    fault(
        "policy forbids an image",
        [
            "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img alt=x src=/ok.svg>",
            "<meta http-equiv=Content-Security-Policy content=\"img-src 'self' data:\"><img alt=x src=/ok.svg>",
        ],
        "csp",
        &["img-src ", "/ok.svg"],
        "static.csp",
    ),
    fault(
        "policy forbids a script",
        [
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><script>1</script>",
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><script src=/ok.js></script>",
        ],
        "csp",
        &["script-src-elem inline"],
        "static.csp",
    ),
    fault(
        "font missing",
        [
            "<style>@font-face { font-family: x; src: url(/gone.woff2) } p { font-family: x }</style><p>text",
            "<style>p { font-family: serif }</style><p>text",
        ],
        "requests.failed",
        &["404 ", "/gone.woff2"],
        "",
    ),
    fault(
        "background image missing",
        [
            "<style>html { background: url(/gone.png) }</style>",
            "<style>html { background: url(/ok.svg) }</style>",
        ],
        "requests.failed",
        &["404 ", "/gone.png"],
        "static.missing",
    ),
    fault(
        "preload missing",
        ["<link rel=preload as=script href=/gone.js>", "<link rel=preload as=script href=/ok.js>"],
        "requests.failed",
        &["404 ", "/gone.js"],
        "static.missing",
    ),
    fault(
        "script cut off",
        ["<script src=/cut.js></script>", "<script src=/ok.js></script>"],
        "requests.failed",
        &["/cut.js"],
        "",
    ),
    fault(
        "background request to the page itself",
        [
            "<script>fetch(location.href, { method: 'POST' })</script>",
            "<script>fetch(location.href)</script>",
        ],
        "requests.failed",
        &["405 ", "/broken/"],
        "",
    ),
    fault(
        "policy forbids a stylesheet",
        [
            "<meta http-equiv=Content-Security-Policy content=\"style-src 'none'\"><link rel=stylesheet href=/ok.css>",
            "<meta http-equiv=Content-Security-Policy content=\"style-src 'self'\"><link rel=stylesheet href=/ok.css>",
        ],
        "csp",
        &["style-src", "/ok.css"],
        "static.csp",
    ),
    fault(
        "policy forbids a request",
        [
            "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\"><script>fetch('/ok.html').catch(() => {})</script>",
            "<meta http-equiv=Content-Security-Policy content=\"connect-src 'self'\"><script>fetch('/ok.html')</script>",
        ],
        "csp",
        &["connect-src", "/ok.html"],
        "static.csp",
    ),
    fault(
        "document on the way",
        [
            "<script>location.replace('/leads/error')</script>",
            "<script>location.replace('/leads/ok')</script>",
        ],
        "status",
        &["500 ", "/leads/error"],
        "application.error",
    ),
];
