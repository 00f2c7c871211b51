//! What is seen of a page beside its text: layout, roles and names, speed; in each browser.

mod browser {
    use std::fmt::Write as _;

    use axum::Router;
    use axum::response::Html;
    use axum::routing::get;

    use crate::support::{Judged, Site, folder_with, pages, run_with_reports};

    const BROWSERS: [&str; 2] = ["chromium", "firefox"];

    /// Judges routes with one spec in one browser.
    fn judge(router: Router, spec: &str, browser: &str) -> Judged {
        let folder = folder_with(&[("specs/x.toml", spec)]);
        let site = Site::start(router);
        run_with_reports(&folder, &["--url", &site.url(), "--browser", browser], &[])
    }

    const LAID_OUT: &str = "<style>body { margin: 0 } div { position: absolute; width: 100px; height: 100px }</style>\
    <div id=whole style='left:0;top:0'></div><div id=beside style='left:100px;top:0'></div>\
    <div id=over style='left:50px;top:50px'></div><div id=half style='left:974px;top:300px'></div>\
    <div id=below style='left:0;top:2000px'></div><div id=hidden style='left:0;top:0;visibility:hidden'></div>\
    <div id=box style='left:300px;top:300px;overflow:auto'><p id=near style='margin:0;height:50px'>near</p>\
    <p id=far style='margin:300px 0 0;height:50px'>far</p></div>\
    <div id=fixed style='position:fixed;left:0;bottom:0;height:40px'></div>\
    <section style='position:relative;height:0;overflow:hidden'><div id=cut style='left:500px'></div></section>";

    #[test]
    fn layout_is_seen_alike_in_each_browser() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\n\
        expect.element.\"#whole\".in_viewport = \"100%\"\nexpect.element.\"#half\".in_viewport = 0.5\n\
        expect.element.\"#below\".in_viewport = false\nexpect.element.\"#hidden\".in_viewport = 0\n\
        expect.element.\"#near\".in_viewport = true\nexpect.element.\"#far\".in_viewport = false\n\
        expect.element.\"#fixed\".in_viewport.at_least = \"99%\"\nexpect.element.\"#cut\".in_viewport = false\n\
        expect.element.\"#whole\".overlaps.\"#over\" = true\nexpect.element.\"#whole\".overlaps.\"#beside\" = false\n\
        expect.element.\"#whole\".overlaps.\"#hidden\".exists = false\nexpect.element.\"#over\".overlaps.\"#whole, #beside\" = true\n\
        expect.element.\"div\".overlaps.\"#box\" = false\n\
        [[step]]\nscript = \"document.querySelector('#far').scrollIntoView({ block: 'nearest' })\"\n\
        expect.element.\"#far\".in_viewport.above = \"90%\"\nexpect.element.\"#near\".in_viewport = false\n\
        [[step]]\nname = \"wrong\"\ntimeout = \"3s\"\nexpect.element.\"#half\".in_viewport.above = \"60%\"\n\
        expect.element.\"#whole\".overlaps.\"#none\" = false\n";
        for browser in BROWSERS {
            let judged = judge(pages(&[("/", LAID_OUT)]), spec, browser);
            judged.assert_code(1);
            let document = judged.document();
            let checks = document.step("wrong")["checks"].as_array().unwrap().clone();
            assert_eq!(
                (checks[0]["actual"].as_str(), checks[0]["expected"].as_str()),
                (Some("50%"), Some("above 60%"))
            );
            assert_eq!(checks[1]["actual"], "nothing to overlap with: no other visible element matches");
            assert!(checks[0]["history"]["states"][0]["times"].as_i64().unwrap() > 1, "{}", checks[0]);
        }
    }

    const NAMED: &str = "<header id=top>Top</header><main><header id=inner>Inner</header><h1 id=h>Sign <b>in</b></h1>\
    <p id=hint hidden>to the shop</p><form id=form aria-labelledby='h hint'><fieldset id=account><legend>Account</legend>\
    <label>E-mail <input id=mail type=email></label><label for=pw>Password</label><input id=pw type=password>\
    <label>Country <select id=land><option>France</option><option selected>Italy</option></select></label>\
    <input id=search type=search placeholder='Search the shop' title='Search'><input id=place placeholder='Street'>\
    <label><input id=keep type=checkbox checked> Keep me</label></fieldset>\
    <button id=go><img src=data:, alt='Log in'></button><input id=send type=submit><input id=clear type=reset value=Clear>\
    <button id=close aria-label='Close'>x</button><a id=home href=/ title=Home><svg></svg></a><a id=anchor>no link</a>\
    <button id=mixed>Add <span aria-hidden=true>+</span><div>to</div><div>cart</div></button>\
    <img id=logo alt='The shop' src=data:,><img id=line alt='' src=data:,><input id=listed list=items><datalist id=items></datalist>\
    <select multiple id=many><option id=one selected>One</option></select><details id=more><summary id=sum>More</summary></details>\
    <table id=table><caption>Prices</caption><tr><th id=th scope=row>Tea</th><td id=td>3</td></tr></table>\
    <figure id=figure><figcaption>A cup</figcaption></figure><section id=plain>x</section><section id=region aria-label=News>y</section>\
    <div id=tab role='tab presentation'>Cups</div><span id=none>text</span><input id=number type=number aria-label=Amount></form></main>";

    const IDS: &[&str] = &[
        "top", "inner", "h", "form", "account", "mail", "pw", "land", "search", "place", "keep", "go",
        "send", "clear", "close", "home", "anchor", "mixed", "logo", "line", "listed", "many", "one", "more",
        "sum", "table", "th", "td", "figure", "plain", "region", "tab", "none", "number",
    ];

    /// Role and name of each element, captured over HTTP or in a browser.
    fn roles_and_names(action: &str, browser: &str) -> Vec<String> {
        let allow = "allow = [\"console.errors\", \"requests.failed\"]\n";
        let mut spec = format!("[[step]]\n{action} = \"/\"\n{allow}");
        let beside = if action == "get" { "get = \"/\"" } else { "timeout = \"1ms\"" };
        for id in IDS {
            let expected = format!("expect.element.\"#{id}\" = {{ role = \"?\", name = \"?\" }}");
            writeln!(spec, "[[step]]\nname = \"{id}\"\noptional = true\n{beside}\n{expected}").unwrap();
        }
        let page = || async {
            Html(format!(
                "<!doctype html><html lang=en><title>page</title><link rel=icon href=data:,>{NAMED}"
            ))
        };
        let judged = judge(Router::new().route("/", get(page)), &spec, browser);
        judged.assert_code(0);
        let document = judged.document();
        let told = |id: &&str| {
            let checks = document.step(id)["checks"].clone();
            format!(
                "{id}: {} {}",
                checks[0]["actual"].as_str().unwrap(),
                checks[1]["actual"].as_str().unwrap()
            )
        };
        IDS.iter().map(told).collect()
    }

    #[test]
    fn roles_and_names_are_the_same_over_http_and_in_each_browser() {
        let over_http = roles_and_names("get", "chromium");
        for expected in [
            "form: \"form\" \"Sign in to the shop\"",
            "mail: \"textbox\" \"E-mail\"",
            "pw: no role \"Password\"",
            "land: \"combobox\" \"Country\"",
            "go: \"button\" \"Log in\"",
            "mixed: \"button\" \"Add to cart\"",
            "line: \"presentation\" \"\"",
            "tab: \"tab\" \"Cups\"",
            "table: \"table\" \"Prices\"",
            "none: no role \"\"",
        ] {
            assert!(over_http.iter().any(|told| told == expected), "{expected}: {over_http:#?}");
        }
        for browser in BROWSERS {
            assert_eq!(roles_and_names("open", browser), over_http, "{browser}");
        }
    }

    #[test]
    fn speed_is_what_the_browser_measured_and_what_it_does_not_measure_is_said() {
        let body = "<h1>Fast</h1><script>setTimeout(() => { const bar = document.createElement('div'); bar.style.height = '300px';\
        document.body.prepend(bar) }, 300)</script>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"times\"\n\
        expect.first_byte.between = [\"0ms\", \"5s\"]\nexpect.first_paint.between = [\"0ms\", \"9s\"]\n\
        expect.largest_paint.between = [\"0ms\", \"9s\"]\nexpect.load.between = [\"0ms\", \"9s\"]\n\
        [[step]]\nname = \"still\"\noptional = true\ntimeout = \"1s\"\nexpect.layout_shift.above = 5\n\
        [[step]]\nname = \"slow\"\noptional = true\ntimeout = \"200ms\"\nexpect.load.below = \"0ms\"\n\
        [[step]]\nopen = \"/quiet\"\nexpect.load.above = \"0ms\"\n";
        for browser in BROWSERS {
            let judged = judge(pages(&[("/", body), ("/quiet", "<p>quiet")]), spec, browser);
            judged.assert_code(0);
            let document = judged.document();
            let shift = document.step("still")["checks"][0].clone();
            match browser {
                "firefox" => assert_eq!(shift["actual"], "not observable in firefox"),
                _ => assert!(shift["actual"].as_str().unwrap().parse::<f64>().unwrap() > 0.01, "{shift}"),
            }
            assert_eq!(document.step("slow")["verdict"], "failed");
        }
    }
}
