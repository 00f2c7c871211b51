//! `submit`: what a browser would send, without one.

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Html;
use axum::routing::{get, post};

use crate::support::{Demo, Site, folder_with, run_with_reports};

const FORM: &str = "<!doctype html><form id=order action=\"/send?from=form\" method=post>\
    <input type=hidden name=csrf value=\"t0k&amp;n\"><input name=name value=default>\
    <input type=checkbox name=gift checked><input type=checkbox name=news value=yes>\
    <input type=radio name=size value=s><input type=radio name=size value=m checked>\
    <select name=colour><option>red<option selected value=b>blue</select>\
    <textarea name=note>\nline 1\nline 2</textarea><input name=gone value=x disabled>\
    <button name=do value=save>Save</button><button name=do value=send>Send</button></form>";

fn site() -> Site {
    let echo = |headers: HeaderMap, body: String| async move {
        let header =
            |name: &str| headers.get(name).map_or("none", |value| value.to_str().unwrap()).to_owned();
        format!("{}|{}|{}|{body}", header("content-type"), header("referer"), header("origin"))
    };
    Site::start(Router::new().route("/shop/order", get(|| async { Html(FORM) })).route("/send", post(echo)))
}

#[test]
fn hidden_fields_defaults_and_the_pressed_button_are_sent_with_referer_and_origin() {
    let site = site();
    let url = site.url();
    let sent = "csrf=t0k%26n&name=Edith+A.&gift=on&size=m&colour=b&note=line+1%0D%0Aline+2&do=send";
    let spec = format!(
        "[[step]]\nsubmit = \"#order\"\npage = \"/shop/order?id=7\"\nfields = {{ name = \"Edith A.\" }}\n\
         button = \"text=Send\"\nexpect.url.ends_with = \"/send?from=form\"\n\
         expect.body = \"application/x-www-form-urlencoded|{url}/shop/order?id=7|{url}|{sent}\"\n"
    );
    let folder = folder_with(&[("specs/a.toml", &spec)]);
    run_with_reports(&folder, &["--url", &url], &[]).assert_code(0);
}

#[test]
fn a_form_or_field_that_is_not_there_is_told_with_those_that_are() {
    let site = site();
    for (step, told) in [
        ("submit = \"#ordr\"", "#ordr"),
        ("submit = \"#order\"\nfields = { nmae = \"x\" }", "nmae"),
        ("submit = \"#order\"\nfields = { colour = \"green\" }", "green"),
    ] {
        let folder = folder_with(&[("specs/a.toml", &format!("[[step]]\n{step}\npage = \"/shop/order\"\n"))]);
        let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
        judged.assert_code(1);
        let failed =
            judged.output.stdout.lines().find(|line| line.trim().starts_with("failed")).unwrap_or("");
        assert!(failed.contains(told), "{told}: {}", judged.output.stdout);
    }
}

#[test]
fn the_csrf_token_and_its_cookie_go_together_on_the_demo_site() {
    let demo = Demo::start(None);
    let folder = folder_with(&[
        ("smokegate.toml", &demo.project()),
        (
            "specs/a.toml",
            "writes = true\n[[step]]\nget = \"/\"\n\n[[step]]\nsubmit = \"form.item\"\nfields = { text = \"Tea\" }\n\
             expect.redirects = 1\n\n[[step]]\npost = \"/lists/new\"\nform = { text = \"no token\" }\nexpect.status = 403\n",
        ),
    ]);
    let judged = run_with_reports(&folder, &[], &[]);
    judged.assert_code(0);
    assert_eq!(demo.items(), 1, "the first visitor's item is there, and the one without a token is not");
}
