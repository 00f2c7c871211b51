//! Healthy pages whose ways a browser sees.

mod browser {
    use axum::Router;
    use axum::response::Html;
    use axum::routing::get;

    use crate::support::{Site, both_browsers, judge_all};

    both_browsers! {
        odd_but_healthy_pages_pass_and_are_not_diagnosed
    }

    /// A page's path, its source, and the steps that it passes.
    const PAGES: &[(&str, &str, &str)] = &[
        (
            "/late",
            "<title>Late</title><div id=app></div><script>setTimeout(() => app.textContent = 'Here at last', 700)</script>",
            "open = \"/late\"\nexpect.text.contains = \"Here at last\"\n",
        ),
        (
            "/warning",
            "<title>Warning</title><p>Fine<script>console.warn('this is deprecated: error 500')</script>",
            "open = \"/warning\"\nexpect.title = \"Warning\"\n",
        ),
        (
            "/blocked",
            "<title>Blocked</title><p>Fine<script>fetch('http://127.0.0.1:1/analytics').catch(() => {})</script>",
            "open = \"/blocked\"\nallow = [{ request = \"/analytics$\" }, { console = \"analytics|blocked|CORS\" }]\n\
             expect.title = \"Blocked\"\n",
        ),
        (
            "/",
            "<title>Sign in</title><form action=/in method=post><input type=email name=e aria-label=Mail>\
             <input type=password name=p aria-label=Password><button>Go</button></form>",
            "open = \"/\"\nexpect.title = \"Sign in\"\n",
        ),
        (
            "/banner",
            "<title>Shop</title><p>Welcome</p><div id=banner style='position:fixed;inset:0;background:#000c'>\
             <button onclick='banner.remove()'>Accept cookies</button></div><button onclick='told.hidden=false'>Buy</button>\
             <p id=told hidden>Bought</p>",
            "open = \"/banner\"\nexpect.title = \"Shop\"\n\n[[step]]\nclick = \"role=button[name='Accept cookies']\"\n\n\
             [[step]]\nclick = \"role=button[name='Buy']\"\nexpect.text.contains = \"Bought\"\n",
        ),
    ];

    fn odd_but_healthy_pages_pass_and_are_not_diagnosed() {
        let router = PAGES.iter().fold(Router::new(), |router, (path, source, _)| {
            let source = format!("<!doctype html><html lang=en><link rel=icon href=data:,>{source}");
            router.route(path, get(move || async move { Html(source) }))
        });
        let site = Site::start(router);
        let specs: Vec<String> = PAGES.iter().map(|(.., steps)| format!("[[step]]\n{steps}")).collect();
        let (code, text, document) = judge_all(&site.url(), &specs);
        assert_eq!(code, 0, "{text}");
        assert_eq!(document.0["diagnosis"], serde_json::Value::Null, "{text}");
    }
}
