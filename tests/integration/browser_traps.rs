//! Pages that are built to defeat naive clicking. The site counts every press: on what was meant, and on anything else.
//!
//! `SMOKEGATE_SOAK=200 cargo test --test integration browser_traps -- --ignored` repeats all of them so often, in the
//! browser that `SMOKEGATE_SOAK_BROWSER` names.

mod browser {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::Path;
    use axum::routing::get;

    use crate::support::{Site, both_browsers, browser, folder_with, in_browser, page, smokegate};

    both_browsers! {
        no_trap_is_fallen_into
    }

    /// Tells the site of every press; `#go` is what is meant. Says `done` once the site knows.
    const COUNT: &str = "<script>\
        const trap = location.pathname.split('/')[1];\
        const tell = kind => fetch(`/${kind}/${trap}`, { keepalive: true });\
        const isMeant = event => event.composedPath()[0].id === 'go';\
        addEventListener('mousedown', event => { if (!isMeant(event)) tell('wrong') });\
        addEventListener('click', async event => { if (!isMeant(event)) return tell('wrong');\
          await tell('right'); (window.parent ?? window).document.body.insertAdjacentHTML('beforeend', '<p>done</p>') });\
        const later = (work, ms = 150 + Math.random() * 200) => setTimeout(work, ms);\
        </script>";

    const GO: &str = "<button id=go>Go</button>";

    /// Each trap: its name, its page, and what stands beside the click.
    const TRAPS: &[(&str, &str, &str)] = &[
        (
            "late",
            "<div id=box></div><script>later(() => { box.innerHTML = '<button id=go>Go</button>' })</script>",
            "",
        ),
        (
            "covered",
            "GO<div id=cover style='position:fixed;inset:0'></div><script>later(() => cover.remove())</script>",
            "",
        ),
        (
            "disabled",
            "<button id=go disabled>Go</button><script>later(() => { go.disabled = false })</script>",
            "",
        ),
        (
            "moving",
            "<style>#go { position: absolute; left: 20px; transition: left .4s linear } #go.away { left: 600px }</style>GO\
             <script>requestAnimationFrame(() => requestAnimationFrame(() => go.classList.add('away')))</script>",
            "",
        ),
        (
            "rerendered",
            "<div id=box>GO</div><script>let left = 2; box.addEventListener('pointermove', () => { if (left-- > 0)\
             { box.innerHTML = '<button id=delete>Delete</button>'; later(() => { box.innerHTML = '<button id=go>Go</button>' }) } })</script>",
            "",
        ),
        (
            "shifting",
            "<div>GO</div><div><button id=delete>Delete</button></div><style>button { display: block; height: 30px }</style>\
             <script>addEventListener('pointermove', () => { go.before(document.getElementById('delete'));  }, { once: true })</script>",
            "",
        ),
        (
            "navigating",
            "<button id=go disabled>Go</button><script>if (location.search) go.disabled = false; else later(() => { location.search = '?again' })</script>",
            "",
        ),
        (
            "shadow",
            "<div id=host></div><script>later(() => { host.attachShadow({ mode: 'open' }).innerHTML = '<button id=go>Go</button>' })</script>",
            "",
        ),
        (
            "frame",
            "<iframe id=inner src=/frame/inner></iframe><div id=cover style='position:fixed;inset:0'></div><script>later(() => cover.remove())</script>",
            "frame = \"#inner\"\n",
        ),
        (
            "dialog",
            "GO<script>go.addEventListener('click', () => { if (!confirm('Really?')) tell('wrong') })</script>",
            "dialog = \"accept\"\n",
        ),
        (
            "footer",
            "<div style='height:1500px'></div>GO<div style='height:1500px'></div><div style='position:fixed;left:0;right:0;bottom:0;height:200px'>Cookies?</div>",
            "",
        ),
        (
            "header",
            "<div style='position:sticky;top:0;height:200px'>Shop</div><div style='height:300px'></div>GO<div style='height:3000px'></div>\
             <script>scrollTo(0, 2000)</script>",
            "",
        ),
        (
            "framed",
            "<div style='height:1500px'></div><iframe id=inner src=/framed/inner></iframe><div style='height:1500px'></div>\
             <div style='position:fixed;left:0;right:0;bottom:0;height:200px'>Cookies?</div>",
            "frame = \"#inner\"\n",
        ),
        (
            "twin",
            "<button id=go hidden>Old</button><script>later(() => { go.remove(); document.body.insertAdjacentHTML('beforeend', '<button id=go>Go</button>') })</script>",
            "",
        ),
    ];

    type Presses = Arc<Mutex<BTreeMap<String, usize>>>;

    fn build_site(presses: &Presses) -> Router {
        let mut router = Router::new();
        for frame in ["/frame/inner", "/framed/inner"] {
            router = router.route(frame, get(|| async { page(&format!("{COUNT}{GO}")) }));
        }
        for (name, body, _) in TRAPS {
            let body = format!("{COUNT}{}", body.replace("GO", GO));
            router = router.route(&format!("/{name}"), get(move || async move { page(&body) }));
        }
        for kind in ["right", "wrong"] {
            let presses = Arc::clone(presses);
            let note = move |Path(trap): Path<String>| async move {
                *presses.lock().unwrap().entry(format!("{kind} {trap}")).or_default() += 1;
            };
            router = router.route(&format!("/{kind}/{{trap}}"), get(note));
        }
        router
    }

    #[expect(clippy::print_stderr, reason = "the figure is what the soak is for")]
    /// Goes into every trap so many times; each press must have been the right one, and the only one.
    fn go_into_traps(times: usize) {
        let presses = Presses::default();
        let site = Site::start(build_site(&presses));
        let mut spec = String::new();
        for row in 0..times {
            writeln!(spec, "[[case]]\nrow = {row}").unwrap();
        }
        for (name, _, beside) in TRAPS {
            write!(spec, "[[step]]\nopen = \"/{name}\"\n[[step]]\nname = \"{name}\"\nclick = \"#go\"\n{beside}timeout = \"20s\"\n[[step]]\nexpect.text.contains = \"done\"\ntimeout = \"20s\"\n").unwrap();
        }
        let folder = folder_with(&[("specs/traps.toml", &spec)]);
        let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
        let seen = presses.lock().unwrap().clone();
        let expected: BTreeMap<String, usize> =
            TRAPS.iter().map(|(name, ..)| (format!("right {name}"), times)).collect();
        assert_eq!(output.code, 0, "{seen:#?}\n{}{}", output.stdout, output.stderr);
        assert_eq!(seen, expected, "{}", output.stdout);
        eprintln!("{times} times in {}: {} presses, none of them wrong", browser(), times * TRAPS.len());
    }

    fn no_trap_is_fallen_into() {
        go_into_traps(2);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn no_trap_is_fallen_into_however_often() {
        let is_firefox = std::env::var("SMOKEGATE_SOAK_BROWSER").is_ok_and(|name| name == "firefox");
        in_browser(if is_firefox { "firefox" } else { "chromium" }, || {
            let times = std::env::var("SMOKEGATE_SOAK").ok().and_then(|text| text.parse().ok());
            go_into_traps(times.unwrap_or(200));
        });
    }
}
