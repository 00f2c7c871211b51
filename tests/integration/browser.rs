//! A real browser: what it does, what it waits for, what it sees.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect};
use axum::routing::{get, post};

use crate::support::{
    Demo, Site, both_browsers, browser, find_program, folder_with, judge, judge_all, judge_at, page, pages,
    run_with_reports, smokegate, write_program,
};

both_browsers! {
    the_first_spec_of_the_language_passes_and_leaves_no_row
    actors_share_neither_cookies_nor_storage_nor_pages
    an_actors_cookies_are_one_jar_for_http_and_browser
    the_viewport_is_exact_and_the_browser_says_who_it_is
    a_click_waits_until_the_element_is_there_and_still_and_enabled_and_not_covered
    a_click_never_hits_what_came_under_the_pointer_at_the_last_moment
    what_hinders_an_action_is_told_with_its_duration
    filling_replaces_the_content_of_every_kind_of_field
    no_character_of_a_text_is_a_key
    a_field_that_holds_another_text_is_told_where_something_fails
    elements_are_found_as_a_person_names_them
    expectations_are_retried_inside_the_page_until_they_hold
    what_a_page_says_on_its_console_and_fails_to_load_fails_the_step_unless_it_is_allowed
    a_page_without_faults_has_none
    what_a_navigation_meets_is_told_by_its_cause
    history_reload_and_forms_lead_where_a_person_would_be
    a_dialog_does_not_stop_the_run_and_is_told
    a_page_that_hangs_fails_its_step_and_the_next_scenario_gets_a_fresh_browser
    a_step_without_a_page_says_what_to_do
    headers_and_access_go_to_the_targets_origin_alone_even_after_a_redirect
    a_driver_that_runs_already_is_used_and_its_session_is_ended
    a_temporary_folder_that_lies_deep_is_no_hindrance
    a_browser_that_does_not_start_at_first_is_started_again
    waiting_for_who_watches_takes_nothing_from_a_scenarios_time
}

fn the_first_spec_of_the_language_passes_and_leaves_no_row() {
    let demo = Demo::start(None);
    let spec =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/specs/demo/first_list.toml")).unwrap();
    let folder = folder_with(&[("smokegate.toml", &demo.project()), ("specs/first.toml", &spec)]);
    let output = smokegate(["run"]).folder(&folder).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(demo.items(), 0, "the row is still there");
}

/// Says what a visitor brings along, and leaves something with it.
fn visitors() -> Router {
    let show = |headers: HeaderMap| async move {
        let cookie = headers.get(header::COOKIE).map_or("none", |value| value.to_str().unwrap()).to_owned();
        page(&format!(
            "<p id=cookie>{cookie}</p><p id=stored></p><script>stored.textContent = localStorage.visited ?? 'nothing'</script>"
        ))
    };
    let mark = |axum::extract::Path(name): axum::extract::Path<String>| async move {
        let body = page(&format!(
            "<script>localStorage.visited = '{name}'; document.cookie = 'script={name}; path=/'</script>marked"
        ));
        ([(header::SET_COOKIE, format!("who={name}; Path=/; HttpOnly"))], body)
    };
    Router::new().route("/show", get(show)).route("/mark/{name}", get(mark))
}

fn actors_share_neither_cookies_nor_storage_nor_pages() {
    let spec = r##"
[[step]]
as = "edith"
open = "/mark/edith"

[[step]]
as = "francis"
open = "/show"
expect.element."#cookie".text = "none"
expect.element."#stored".text = "nothing"

[[step]]
as = "edith"
expect.text = "marked"

[[step]]
as = "edith"
open = "/show"
expect.element."#cookie".text = { contains = "who=edith", matches = "script=edith" }
expect.element."#stored".text = "edith"
"##;
    let (code, text, _) = judge(visitors(), spec);
    assert_eq!(code, 0, "{text}");
}

fn an_actors_cookies_are_one_jar_for_http_and_browser() {
    let spec = r##"
[[step]]
as = "edith"
get = "/mark/edith"

[[step]]
as = "edith"
open = "/show"
expect.element."#cookie".text = "who=edith"

[[step]]
as = "edith"
open = "/mark/changed"

[[step]]
as = "edith"
get = "/show"
expect.body = { contains = "who=changed", matches = "script=changed" }

[[step]]
as = "edith"
get = "/mark/again"

[[step]]
as = "edith"
open = "/show"
expect.element."#cookie".text.contains = "who=again"
"##;
    let (code, text, _) = judge(visitors(), spec);
    assert_eq!(code, 0, "{text}");
}

fn the_viewport_is_exact_and_the_browser_says_who_it_is() {
    let show = |headers: HeaderMap| async move {
        let agent = headers[header::USER_AGENT].to_str().unwrap().to_owned();
        page(&format!(
            "<div id=wide style='position:fixed;inset:0'></div><p id=sent>{agent}</p><p id=said></p><script>said.textContent = navigator.userAgent</script>"
        ))
    };
    let spec = "[[step]]\nopen = \"/\"\nexpect.element.\"#wide\".width = 1024\nexpect.element.\"#wide\".height = 768\n\
                expect.element.\"#wide\".center_x = 512\nexpect.element.\"#sent\".text.matches = \"Mozilla.* smokegate/[0-9.]+ \\\\(run {{ run.id }}\\\\)$\"\n\
                expect.element.\"#said\".text.matches = \" smokegate/\"\n";
    let (code, text, _) = judge(Router::new().route("/", get(show)), spec);
    assert_eq!(code, 0, "{text}");
}

fn a_browser_that_does_not_start_at_first_is_started_again() {
    let site = Site::start(pages(&[("/", "fine")]));
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\n"), ("bin/none", "")]);
    let driver = if browser() == "firefox" { "geckodriver" } else { "chromedriver" };
    let [bin, started] = ["bin", "started"].map(|name| folder.path().join(name));
    let script = format!("mkdir '{}' && exit 1; exec '{}' \"$@\"", started.display(), find_program(driver));
    write_program(&bin, driver, &script);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = smokegate(["run", "--url", &site.url()]).folder(&folder).env("PATH", &path).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(started.is_dir());
}

fn waiting_for_who_watches_takes_nothing_from_a_scenarios_time() {
    let spec = "timeout = \"6s\"\n[[step]]\nopen = \"/\"\n\
        [[step]]\nname = \"fills\"\nfill = { \"#a\" = \"1\", \"#b\" = \"2\", \"#c\" = \"3\" }\n[[step]]\nexpect.element.\"#c\".value = \"3\"\n";
    let site = Site::start(pages(&[("/", "<input id=a><input id=b><input id=c>")]));
    let folder = folder_with(&[("specs/a.toml", spec)]);
    let judged = run_with_reports(&folder, &["--url", &site.url(), "--slow-mo", "1500ms"], &[]);
    judged.assert_code(0);
    let document = judged.document();
    assert!(document.step("fills")["duration_ms"].as_f64().unwrap() < 3_000.0, "{}", judged.json);
}

#[test]
fn each_scenario_runs_in_the_browser_that_it_asks_for_unless_one_is_chosen_for_all() {
    let spec = |browser: &str| format!("{browser}[[step]]\nopen = \"/\"\nexpect.text = \"here\"\n");
    let folder =
        folder_with(&[("specs/fox.toml", &spec("browser = \"firefox\"\n")), ("specs/own.toml", &spec(""))]);
    for (options, browsers) in
        [(vec![], ["Chrome", "Firefox"]), (vec!["--browser", "chromium"], ["Chrome", "Chrome"])]
    {
        let (site, log) = Site::start_with_log(pages(&[("/", "here")]));
        let url = site.url();
        let output = smokegate([vec!["run", "--url", &url], options].concat()).folder(&folder).run();
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        let pages = log.all().into_iter().filter(|asked| asked.path == "/");
        let agents: Vec<String> = pages.map(|asked| asked.header("user-agent").to_owned()).collect();
        for name in browsers {
            let count = agents.iter().filter(|agent| agent.contains(name)).count();
            assert_eq!(count, browsers.iter().filter(|other| **other == name).count(), "{agents:?}");
        }
    }
}

#[test]
fn chromium_itself_is_driven_without_a_window_where_there_is_no_headless_shell() {
    let site = Site::start(pages(&[("/", "<button onclick='this.textContent = 1'>go</button>")]));
    let spec = "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"button\"\nexpect.element.button.text = \"1\"\n\
        [[step]]\nscript = \"return [innerWidth, innerHeight]\"\nexpect.result = [1024, 768]\n";
    let folder = folder_with(&[("specs/a.toml", spec), ("bin/none", "")]);
    let bin = folder.path().join("bin");
    for name in ["chromium", "chromedriver"] {
        let script =
            format!("PATH='{}' exec '{}' \"$@\"", std::env::var("PATH").unwrap(), find_program(name));
        write_program(&bin, name, &script);
    }
    let output =
        smokegate(["run", "--url", &site.url()]).folder(&folder).env("PATH", bin.to_str().unwrap()).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
}

fn a_click_waits_until_the_element_is_there_and_still_and_enabled_and_not_covered() {
    let bodies = [
        (
            "/late",
            "<script>setTimeout(() => document.body.innerHTML = '<button id=go onclick=\"done.textContent=1\">go</button><p id=done></p>', 400)</script>",
        ),
        (
            "/covered",
            "<button id=go onclick='done.textContent=1'>go</button><p id=done></p><div id=cover style='position:fixed;inset:0;background:#fff8'></div><script>setTimeout(() => cover.remove(), 400)</script>",
        ),
        (
            "/disabled",
            "<button id=go disabled onclick='done.textContent=1'>go</button><p id=done></p><script>setTimeout(() => go.disabled = false, 400)</script>",
        ),
        (
            "/moving",
            "<style>@keyframes m { from { margin-left: 0 } to { margin-left: 300px } } #go { animation: m .4s linear }</style><button id=go onclick='done.textContent=1'>go</button><p id=done></p>",
        ),
        (
            "/below",
            "<div style='height:3000px'></div><button id=go onclick='done.textContent=1'>go</button><p id=done></p>",
        ),
        (
            "/touch",
            "<button onclick='done.textContent=1' style='position:relative'><span id=go>go</span><i style='position:absolute;inset:0'></i></button><p id=done></p>",
        ),
        (
            "/shadow",
            "<div id=host></div><p id=done></p><script>host.attachShadow({mode:'open'}).innerHTML='<button id=go>go</button>'; host.shadowRoot.querySelector('button').onclick = () => done.textContent = 1</script>",
        ),
    ];
    let router = pages(&bodies);
    let site = Site::start(router);
    let steps: Vec<String> = bodies
        .iter()
        .map(|(path, _)| format!("[[step]]\nopen = \"{path}\"\n[[step]]\nclick = \"#go\"\nexpect.element.\"#done\".text = \"1\"\n"))
        .collect();
    let (code, text, _) = judge_at(&site.url(), &steps.concat());
    assert_eq!(code, 0, "{text}");
}

fn a_click_never_hits_what_came_under_the_pointer_at_the_last_moment() {
    // The button flees under the pointer once: "delete" takes its place in the very event that precedes the click.
    let body = "<style>button { display: block; height: 40px }</style><div id=box></div>\
        <button id=save onclick='done.textContent += \"saved\"'>save</button><button id=delete onclick='done.textContent += \"deleted\"'>delete</button><p id=done></p>\
        <script>save.addEventListener('pointermove', () => {}, true);\
        let moved = false; addEventListener('pointermove', () => { if (!moved) { moved = true; save.style.marginTop = '80px'; box.append(document.getElementById('delete')) } }, true)</script>";
    let spec =
        "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"#save\"\nexpect.element.\"#done\".text = \"saved\"\n";
    let (code, text, _) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 0, "{text}");
}

fn what_hinders_an_action_is_told_with_its_duration() {
    let hindrances = [
        (
            "<button id=go>go</button><div id=cover style='position:fixed;inset:0'></div>",
            "click = \"#go\"",
            "covered by <div id=\"cover\" style=\"position:fixed;inset:0\"> for 1.",
        ),
        (
            "<button id=go disabled>go</button>",
            "click = \"#go\"",
            "<button id=\"go\" disabled> is disabled for 1.",
        ),
        (
            "<button>a</button><button>b</button>",
            "click = \"button\"",
            "2 elements match: <button>, <button>",
        ),
        (
            "<button disabled><span>Save</span></button>",
            "click = \"text=Save\"",
            "<button disabled> is disabled for 1.",
        ),
        (
            "<div aria-disabled=true><div id=host></div></div><script>host.attachShadow({ mode: 'open' }).innerHTML = '<button>Save</button>'</script>",
            "click = \"text=Save\"",
            "<button> is disabled for 1.",
        ),
        (
            "<button disabled><b id=host></b></button><script>const inner = document.createElement('div');\
             host.append(inner); inner.attachShadow({ mode: 'open' }).innerHTML = '<i>Save</i>'</script>",
            "click = \"text=Save\"",
            "<button disabled> is disabled for 1.",
        ),
        ("<p>nothing</p>", "click = \"#go\"", "no element matches for 1."),
        ("<button id=go hidden>go</button>", "click = \"#go\"", "<button id=\"go\" hidden> is not visible"),
        ("<select id=go><option>a</select>", "fill = { \"#go\" = \"a\" }", "is a list to choose from"),
        ("<input id=go readonly>", "fill = { \"#go\" = \"a\" }", "is read-only for 1."),
    ];
    let paths: Vec<String> = (0..hindrances.len()).map(|index| format!("/{index}")).collect();
    let bodies: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(hindrances.iter().map(|(body, ..)| *body)).collect();
    let specs: Vec<String> = paths
        .iter()
        .zip(&hindrances)
        .map(|(path, (_, action, _))| {
            format!("[[step]]\nopen = \"{path}\"\n[[step]]\nname = \"act {path}\"\n{action}\ntimeout = \"1500ms\"\n")
        })
        .collect();
    let site = Site::start(pages(&bodies));
    let (code, text, document) = judge_all(&site.url(), &specs);
    assert_eq!(code, 1, "{text}");
    for (path, (_, _, told)) in paths.iter().zip(&hindrances) {
        let message =
            document.step(&format!("act {path}"))["error"]["message"].as_str().unwrap_or("").to_owned();
        assert!(message.contains(told), "{told:?}: {message}");
    }
}

fn filling_replaces_the_content_of_every_kind_of_field() {
    let body = "<form onsubmit='return false'><input id=text value=old><textarea id=area>old</textarea><input type=date id=day>\
        <div id=rich contenteditable>old</div><input type=number id=number value=1><input id=empty value=old>\
        <p id=typed></p></form><script>text.oninput = () => typed.textContent = text.value; text.onkeydown = event => { if (event.key === 'Enter') typed.textContent = 'entered' }</script>";
    let spec = "[[step]]\nopen = \"/\"\n\
        [[step]]\nfill = { \"#text\" = \"new\", \"#area\" = \"two\\nlines\", \"#day\" = \"2026-11-21\", \"#rich\" = \"rich\", \"#number\" = 42, \"#empty\" = \"\" }\n\
        expect.element.\"#text\".value = \"new\"\nexpect.element.\"#typed\".text = \"new\"\nexpect.element.\"#area\".value = \"two\\nlines\"\n\
        expect.element.\"#day\".value = \"2026-11-21\"\nexpect.element.\"#rich\".text = \"rich\"\nexpect.element.\"#number\".value = \"42\"\nexpect.element.\"#empty\".value = \"\"\n\
        [[step]]\nfill = { \"#text\" = \"abc\" }\npress = \"Control+a\"\n\
        [[step]]\npress = \"x\"\nexpect.element.\"#text\".value = \"x\"\nexpect.element.\"#text\".focused = true\n\
        [[step]]\npress = \"Enter\"\nexpect.element.\"#typed\".text = \"entered\"\n";
    let (code, text, _) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 0, "{text}");
}

fn no_character_of_a_text_is_a_key() {
    let body = "<form action=/sent><input id=line><textarea id=area>old</textarea><div id=rich contenteditable>old</div><input id=other>\
        <p id=told></p><p id=changed></p></form><script>line.oninput = () => told.textContent = line.value; area.onchange = () => changed.textContent = 'changed'</script>";
    let spec = r##"
[[step]]
open = "/"

[[step]]
fill = { "#line" = "one\ntwo\tthree\uE007", "#area" = "a\tb\nc\uE004", "#rich" = "first\nsecond\tthird" }
expect.element."#line".value = "onetwo\tthree\uE007"
expect.element."#told".text.starts_with = "onetwo three"
expect.element."#area".value = "a\tb\nc\uE004"
expect.element."#rich".text.matches = "^first\\s+second\\s+third$"
expect.url.ends_with = "/"

[[step]]
click = "#other"
expect.element."#changed".text = "changed"
"##;
    let (code, text, _) = judge(pages(&[("/", body), ("/sent", "sent")]), spec);
    assert_eq!(code, 0, "{text}");
}

fn a_field_that_holds_another_text_is_told_where_something_fails() {
    let body = "<input id=code maxlength=4><input id=name>";
    let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"fills\"\nfill = { \"#code\" = \"1234567\", \"#name\" = \"Edith\" }\n\
        [[step]]\nname = \"fails\"\ntimeout = \"1s\"\nexpect.text = \"accepted\"\n";
    let (code, text, document) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 1, "{text}");
    assert_eq!(document.step("fills")["verdict"], "passed", "a mask may change a text");
    let told =
        "<input id=\"code\" maxlength=\"4\"> holds another text than was filled in: 4 characters, not 7";
    assert_eq!(document.step("fails")["note"], told, "{text}");
}

fn elements_are_found_as_a_person_names_them() {
    let body = "<form onsubmit='return false'><label for=mail>Your e-mail</label><input id=mail placeholder='name@example.com'>\
        <label>Password <input id=secret type=password></label><button data-testid=save aria-label='Save it'>S</button></form>\
        <nav><a href=/x>Read more</a></nav><h2>News</h2><ul><li>one</li><li>two</li></ul>";
    let spec = "[[step]]\nopen = \"/\"\n\
        expect.element.\"label=your e-mail\".attribute.id = \"mail\"\nexpect.element.\"label=Password\".attribute.id = \"secret\"\n\
        expect.element.\"placeholder=name@example.com\".count = 1\nexpect.element.\"testid=save\".text = \"S\"\n\
        expect.element.'role=button[name=\"Save it\"]'.count = 1\nexpect.element.\"role=link\".text = \"Read more\"\n\
        expect.element.\"role=heading\".text = \"News\"\nexpect.element.\"text=read more\".count = 1\nexpect.element.\"xpath=//li\".count = 2\n\
";
    let (code, text, _) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 0, "{text}");
}

fn expectations_are_retried_inside_the_page_until_they_hold() {
    let body = "<p id=state>loading</p><script>setTimeout(() => state.textContent = 'ready', 700)</script>";
    let spec = "[[step]]\nname = \"wait\"\nopen = \"/\"\nexpect.element.\"#state\".text = \"ready\"\n";
    let (code, text, document) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 0, "{text}");
    assert!(document.step("wait")["duration_ms"].as_f64().unwrap() < 5_000.0);
    let spec = "[[step]]\nopen = \"/\"\n[[step]]\ntimeout = \"3s\"\n\
        script = \"const state = document.querySelector('#state'); state.textContent = 'loading'; setTimeout(() => state.textContent = 'ready', 900)\"\n\
        expect.element.\"#state\".text = \"never\"\n";
    let (code, text, _) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 1);
    assert!(
        text.contains("\"ready\"") && text.contains("\"loading\", then"),
        "the history is missing: {text}"
    );
}

fn what_a_page_says_on_its_console_and_fails_to_load_fails_the_step_unless_it_is_allowed() {
    let faults = [
        ("<script>console.error('broken widget')</script>", "broken widget", "console.errors"),
        ("<script>nothing.there()</script>", "nothing is not defined", "console.errors"),
        ("<script>Promise.reject(new Error('lost promise'))</script>", "lost promise", "console.errors"),
        ("<script>fetch('/missing.json')</script>", "404 ", "requests.failed"),
        ("<img src=/missing.png alt=x>", "404 ", "requests.failed"),
        ("<link rel=stylesheet href=/page.css>", "text/html ", "requests.failed"),
        ("<script src=/missing.js></script>", "404 ", "requests.failed"),
    ];
    let paths: Vec<String> = (0..faults.len()).map(|index| format!("/{index}")).collect();
    let mut bodies: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(faults.iter().map(|(body, ..)| *body)).collect();
    bodies.push(("/page.css", "I am no stylesheet"));
    let site = Site::start(pages(&bodies));
    let plain = |path: &String| format!("[[step]]\nname = \"look {path}\"\nopen = \"{path}\"\n");
    let (code, text, document) = judge_all(&site.url(), &paths.iter().map(plain).collect::<Vec<_>>());
    assert_eq!(code, 1, "{text}");
    for (path, (body, told, subject)) in paths.iter().zip(&faults) {
        let checks = document.step(&format!("look {path}"))["checks"].as_array().unwrap();
        let found = checks
            .iter()
            .find(|check| check["subject"] == *subject)
            .unwrap_or_else(|| panic!("{body}: {text}"));
        assert!(found["actual"].as_str().unwrap().contains(told), "{body}: {found}");
    }
    let allowed = |path: &String| {
        format!(
            "[[step]]\nopen = \"{path}\"\nallow = [\"console.errors\", \"requests.failed\"]\n\
             [[step]]\nexpect.title = \"page\"\n"
        )
    };
    let (code, text, _) = judge_all(&site.url(), &paths.iter().map(allowed).collect::<Vec<_>>());
    assert_eq!(code, 0, "what was told in one step does not fail the next: {text}");
}

fn a_page_without_faults_has_none() {
    let body = "<p>fine</p><script>console.warn('only a warning'); fetch('/poll').catch(() => {}); const c = new AbortController(); fetch('/poll', {signal: c.signal}).catch(() => {}); c.abort()</script>";
    let (code, text, _) = judge(
        pages(&[("/", body), ("/poll", "")]),
        "[[step]]\nopen = \"/\"\nexpect.console.errors = 0\nexpect.requests.failed = 0\nexpect.status = 200\n",
    );
    assert_eq!(code, 0, "{text}");
}

fn what_a_navigation_meets_is_told_by_its_cause() {
    let router = Router::new()
        .route("/fine", get(|| async { "fine" }))
        .route("/missing", get(|| async { (StatusCode::NOT_FOUND, page("not here")) }))
        .route("/empty", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route(
            "/file",
            get(|| async {
                ([(header::CONTENT_DISPOSITION, "attachment; filename=a.zip")], "zip").into_response()
            }),
        )
        .route("/loop", get(|| async { Redirect::to("/loop") }))
        .route("/slow.js", get(|| async { tokio::time::sleep(Duration::from_secs(20)).await }))
        .route("/slow", get(|| async { Html("<script src=/slow.js></script>") }));
    let site = Site::start(router);
    // Chromium refuses ports under 1024 by itself: this one was free a moment ago.
    let closed = Site::start(Router::new()).url();
    let errors = [
        ("/nothing", "navigation", "204"),
        ("/file", "navigation", "download"),
        ("/loop", "redirect_loop", "redirect"),
        ("/slow", "timeout", "/slow.js"),
        (closed.as_str(), "io", "nothing listens on 127.0.0.1:"),
        ("http://nowhere.invalid/", "no_address", "nowhere.invalid"),
    ];
    let statuses = [("/missing", "404"), ("/empty", "500")];
    let open = |path: &str| format!("[[step]]\nname = \"go {path}\"\nopen = \"{path}\"\ntimeout = \"6s\"\n");
    let paths = statuses.iter().map(|(path, _)| *path).chain(errors.iter().map(|(path, ..)| *path));
    // The first answer says that the site can be reached, whatever comes then.
    let specs: Vec<String> = paths.map(|path| format!("[[step]]\nget = \"/fine\"\n{}", open(path))).collect();
    let (code, text, document) = judge_all(&site.url(), &specs);
    assert_eq!(code, 1, "{text}");
    for (path, status) in statuses {
        let check = &document.step(&format!("go {path}"))["checks"][0];
        assert_eq!(
            (&check["subject"], &check["actual"]),
            (&"status".into(), &status.into()),
            "{path}: {text}"
        );
    }
    for (path, kind, told) in errors {
        let error = &document.step(&format!("go {path}"))["error"];
        assert_eq!((&error["kind"], &error["origin"]), (&kind.into(), &"target".into()), "{path}: {text}");
        assert!(error["message"].as_str().unwrap().contains(told), "{path}: {error}");
    }
}

fn history_reload_and_forms_lead_where_a_person_would_be() {
    let router = Router::new()
        .route("/", get(|| async { page("<a href=/next>next</a>") }))
        .route("/next", get(|| async { page("<form method=post action=/done><input name=a id=a></form>") }))
        .route(
            "/done",
            post(|body: String| async move {
                tokio::time::sleep(Duration::from_millis(300)).await;
                page(&format!("<p id=sent>{body}</p>"))
            }),
        );
    let spec = "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"text=next\"\nexpect.url.ends_with = \"/next\"\n\
        [[step]]\nback = true\nexpect.url.ends_with = \"/\"\nexpect.element.a.count = 1\n[[step]]\nopen = \"/next\"\n\
        [[step]]\nreload = true\nexpect.element.\"#a\".visible = true\n\
        [[step]]\nfill = { \"#a\" = \"1\" }\npress = \"Enter\"\nexpect.element.\"#sent\".text = \"a=1\"\nexpect.status = 200\n";
    let (code, text, _) = judge(router, spec);
    assert_eq!(code, 0, "{text}");
}

fn a_dialog_does_not_stop_the_run_and_is_told() {
    let body = "<button onclick='alert(\"stop here\"); done.textContent = 1'>go</button><p id=done></p>";
    let spec =
        "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"button\"\nexpect.element.\"#done\".text = \"1\"\n";
    let (code, text, _) = judge(pages(&[("/", body)]), spec);
    assert_eq!(code, 0, "{text}");
}

fn a_page_that_hangs_fails_its_step_and_the_next_scenario_gets_a_fresh_browser() {
    let body = "<button onclick='setTimeout(() => { for (;;) {} }, 50)'>hang</button>";
    let site = Site::start(pages(&[("/", body), ("/fine", "fine")]));
    let folder = folder_with(&[
        (
            "specs/a.toml",
            "name = \"hangs\"\n[[step]]\nopen = \"/\"\n[[step]]\nclick = \"button\"\ntimeout = \"2s\"\nexpect.text = \"never\"\n",
        ),
        ("specs/b.toml", "needs = []\n[[step]]\nopen = \"/fine\"\nexpect.text = \"fine\"\n"),
    ]);
    let started = Instant::now();
    let output = smokegate(["run", "--jobs", "1", "--url", &site.url()]).folder(&folder).run();
    assert_eq!(output.code, 1, "{}", output.stdout);
    assert!(output.stdout.contains("1 failed, 1 passed"), "{}", output.stdout);
    assert!(started.elapsed() < Duration::from_secs(30));
}

fn a_step_without_a_page_says_what_to_do() {
    let (code, text, _) =
        judge(pages(&[("/", "x")]), "[[step]]\nget = \"/\"\n[[step]]\nclick = \"button\"\n");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("go to one first"), "{text}");
}

fn headers_and_access_go_to_the_targets_origin_alone_even_after_a_redirect() {
    let show = |headers: HeaderMap| async move {
        let shown = |name: &str| headers.get(name).map_or("none", |value| value.to_str().unwrap()).to_owned();
        (
            [("access-control-allow-origin", "*")],
            page(&format!("<p id=got>{}|{}</p>", shown("x-key"), shown("authorization"))),
        )
    };
    let other = Site::start(Router::new().route("/show", get(show)));
    let elsewhere = format!("{}/show", other.url());
    let body = format!(
        "<script>for (const a of ['/show', '{elsewhere}']) fetch(a).then(r => r.text()).then(t => document.body.insertAdjacentHTML('beforeend', t.match(/<p id=got>.*?<.p>/)[0]))</script>"
    );
    let site = Site::start(
        Router::new()
            .route("/show", get(show))
            .route("/away", get(move || async move { Redirect::to(&elsewhere) }))
            .route("/", get(move || async move { page(&body) })),
    );
    let project = format!(
        "[target.t]\nurl = {:?}\nheaders = {{ X-Key = \"{{{{ secret.KEY }}}}\" }}\nbasic_auth = {{ user = \"team\", password = \"{{{{ secret.PASSWORD }}}}\" }}\n",
        site.url()
    );
    let spec = "[[step]]\nopen = \"/show\"\nexpect.element.\"#got\".text.matches = \"^{{ secret.KEY }}.Basic \"\n\
        [[step]]\nopen = \"/away\"\nexpect.element.\"#got\".text = \"none|none\"\n\
        [[step]]\nopen = \"/\"\nexpect.element.\"#got\".count = 2\nexpect.text = { matches = \"[|]Basic \", contains = \"none|none\" }\n";
    let folder = folder_with(&[("smokegate.toml", &project), ("specs/a.toml", spec)]);
    let output = smokegate(["run", "--target", "t", "--verbose"])
        .folder(&folder)
        .env("KEY", "k3y-of-staging")
        .env("PASSWORD", "pa55-of-staging")
        .run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert!(
        !output.stdout.contains("k3y-of-staging") && !output.stdout.contains("pa55"),
        "{}",
        output.stdout
    );
}

fn a_driver_that_runs_already_is_used_and_its_session_is_ended() {
    let (program, arguments) = match browser() {
        "firefox" => ("geckodriver", ["--port=0", "--websocket-port=0"].as_slice()),
        _ => ("chromedriver", ["--port=0"].as_slice()),
    };
    let mut driver = std::process::Command::new(program)
        .args(arguments)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(driver.stdout.take().unwrap()));
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.split_once("successfully on port ")
            .or_else(|| line.split_once("Listening on 127.0.0.1:"))
            .map(|(_, port)| port.trim_end_matches('.').to_owned())
    });
    let webdriver = format!("http://127.0.0.1:{}", port.unwrap());
    let site = Site::start(pages(&[("/", "fine")]));
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\nexpect.text = \"fine\"\n")]);
    let output = smokegate(["run", "--url", &site.url(), "--webdriver", &webdriver]).folder(&folder).run();
    let browsers = processes_below(driver.id());
    driver.kill().unwrap();
    driver.wait().unwrap();
    // Open until here: geckodriver does not survive an end of its output.
    drop(lines);
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    assert_eq!(browsers, 0, "the session is still open");
}

/// How many children a process has.
fn processes_below(id: u32) -> usize {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children.split_whitespace().count()
}

fn a_temporary_folder_that_lies_deep_is_no_hindrance() {
    let folder = folder_with(&[("specs/a.toml", "[[step]]\nopen = \"/\"\nexpect.text = \"fine\"\n")]);
    let deep = folder.path().join("a-folder-with-a-long-name/in-another-one-of-the-same-kind/and-one-more");
    std::fs::create_dir_all(&deep).unwrap();
    let site = Site::start(pages(&[("/", "fine")]));
    let output =
        smokegate(["run", "--url", &site.url()]).folder(&folder).env("TMPDIR", deep.to_str().unwrap()).run();
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
}
