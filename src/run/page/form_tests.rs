//! Forms, and what browsers send for them.

use encoding_rs::{UTF_8, WINDOWS_1252};

use scraper::Html;
use url::Url;

use super::form_request::{FormRequest, build_form_request};
use crate::expect::Locator;
use crate::spec::action::SubmitCall;

fn build(
    html: &str,
    form: &str,
    button: Option<&str>,
    fields: &[(&str, &str)],
) -> Result<FormRequest, String> {
    let call = SubmitCall {
        form: Locator::parse(form).unwrap(),
        page: None,
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        button: button.map(|button| Locator::parse(button).unwrap()),
    };
    let page = Url::parse("https://example.com/a/page?x=1#top").unwrap();
    build_form_request(&Html::parse_document(html), &page, UTF_8, &call).map_err(|cause| cause.to_string())
}

/// The entries of the page's only form as a query.
fn sent(html: &str, fields: &[(&str, &str)]) -> String {
    let request = build(html, "form", None, fields).unwrap();
    request.url.query().unwrap_or("").to_owned()
}

#[test]
#[expect(clippy::too_many_lines, clippy::type_complexity, reason = "one table")]
fn sends_the_controls_that_a_browser_would() {
    let cases: &[(&str, &[(&str, &str)], &str)] = &[
        ("<form><input name=a value=1><input name=b></form>", &[], "a=1&b="),
        (
            "<form><input type=hidden name=csrf value=t><input name=item></form>",
            &[("item", "milk & tea")],
            "csrf=t&item=milk+%26+tea",
        ),
        ("<form><input value=x><input name='' value=y><input name=z disabled></form>", &[], ""),
        (
            "<form><input type=checkbox name=a checked><input type=checkbox name=b value=2></form>",
            &[],
            "a=on",
        ),
        (
            "<form><input type=checkbox name=a checked><input type=checkbox name=b value=2></form>",
            &[("a", ""), ("b", "2")],
            "b=2",
        ),
        (
            "<form><input type=hidden name=ok value=0><input type=checkbox name=ok value=1></form>",
            &[("ok", "1")],
            "ok=0&ok=1",
        ),
        (
            "<form><input type=checkbox name=t value=a checked><input type=checkbox name=t value=b>\
          <input type=checkbox name=t value=c></form>",
            &[("t", "b"), ("t", "c")],
            "t=b&t=c",
        ),
        (
            "<form><input type=radio name=r value=1 checked><input type=radio name=r value=2></form>",
            &[],
            "r=1",
        ),
        (
            "<form><input type=radio name=r value=1 checked><input type=radio name=r value=2 checked></form>",
            &[],
            "r=2",
        ),
        (
            "<form><input type=radio name=r value=1 checked><input type=radio name=r value=2></form>",
            &[("r", "2")],
            "r=2",
        ),
        ("<form><select name=s><option disabled>a<option value=2>b<option>c</select></form>", &[], "s=2"),
        ("<form><select name=s><option>a<option selected> b  c </select></form>", &[], "s=b+c"),
        ("<form><select name=s size=4><option>a</select></form>", &[], ""),
        (
            "<form><select name=s multiple><option>a<option selected>b<option selected>c</select></form>",
            &[],
            "s=b&s=c",
        ),
        (
            "<form><select name=s multiple><option>a<option selected>b<option>c</select></form>",
            &[("s", "a"), ("s", "c")],
            "s=a&s=c",
        ),
        ("<form><select name=s multiple><option selected>b</select></form>", &[("s", "")], ""),
        (
            "<form><select name=s><option value=1>One<option value=2>Two</select></form>",
            &[("s", "Two")],
            "s=2",
        ),
        ("<form><select name=s><optgroup disabled><option>a</optgroup><option>b</select></form>", &[], "s=b"),
        ("<form><textarea name=t>\n\nx\ny</textarea></form>", &[], "t=%0D%0Ax%0D%0Ay"),
        (
            "<form><input name=t value='a\nb'><input type=email name=e value=' a@b '></form>",
            &[],
            "t=ab&e=a%40b",
        ),
        (
            "<form><input type=range name=r max=10><input type=color name=c><input type=number name=n value=x></form>",
            &[],
            "r=5&c=%23000000&n=",
        ),
        (
            "<form><fieldset disabled><legend><input name=in></legend><legend><input name=l2></legend>\
          <input name=out></fieldset></form>",
            &[],
            "in=",
        ),
        ("<form><datalist><input name=d></datalist><template><input name=t></template></form>", &[], ""),
        ("<form><input name=_charset_ type=hidden></form>", &[], "_charset_=UTF-8"),
        (
            "<form><input type=file name=f><input type=image name=i><input type=reset name=r value=x>\
          <input type=button name=b value=x></form>",
            &[],
            "f=&i.x=0&i.y=0",
        ),
        (
            "<input form=f name=before value=1><form id=f><input name=a></form><button form=f name=go value=2>",
            &[],
            "before=1&a=&go=2",
        ),
        ("<form><input name=a form=other><input name=b></form>", &[], "b="),
        ("<table><form><tr><td><input name=a value=1></td></tr></form></table>", &[], "a=1"),
        ("<form><input name=a><input name=a></form>", &[("a", "1"), ("a", "2")], "a=1&a=2"),
        ("<form><input name=q dirname=q.dir value=x></form>", &[], "q=x&q.dir=ltr"),
    ];
    for (html, fields, query) in cases {
        assert_eq!(sent(html, fields), *query, "{html} {fields:?}");
    }
}

#[test]
fn the_pressed_button_decides() {
    let html = "<form action=/save method=post><input name=a value=1><button type=button name=no>\
        <button name=go value=draft>Draft</button><input type=submit name=go value=Publish \
        formaction=/publish?x formmethod=get formenctype=text/plain><button disabled name=off></form>";
    let first = build(html, "form", None, &[]).unwrap();
    assert_eq!((first.method, first.url.as_str()), ("POST", "https://example.com/save"));
    assert_eq!(first.body.unwrap().1, "a=1&go=draft");
    let second = build(html, "form", Some("[value=Publish]"), &[]).unwrap();
    assert_eq!((second.method, second.url.as_str()), ("GET", "https://example.com/publish?a=1&go=Publish"));
    assert_eq!(build(html, "form", Some("text=draft"), &[]).unwrap().method, "POST");
    let one = "<form><button name=save value=1></form>";
    assert_eq!(build(one, "form", Some("save"), &[]).unwrap().url.query(), Some("save=1"), "by its name");
    let error = build(html, "form", Some("off"), &[]).unwrap_err();
    assert_eq!(error, "the button off is disabled");
    let error = build(html, "form", Some("go"), &[]).unwrap_err();
    assert!(error.starts_with("go matches 2 buttons, and one is needed: the form has <button"), "{error}");
    let error = build(html, "form", Some("#x"), &[]).unwrap_err();
    assert!(error.starts_with("no button matches #x: the form has <button name=\"go\">, <input"), "{error}");
}

#[test]
fn actions_and_encodings_are_honoured() {
    let url = |html: &str| build(html, "form", None, &[]).unwrap().url.to_string();
    assert_eq!(url("<form method=post><input name=a></form>"), "https://example.com/a/page?x=1");
    assert_eq!(url("<base href=/b/><form method=post action=''></form>"), "https://example.com/a/page?x=1");
    assert_eq!(url("<base href=/b/><form method=post action=c?d></form>"), "https://example.com/b/c?d");
    assert_eq!(url("<form action='/s?old=1'><input name=q value=1></form>"), "https://example.com/s?q=1");
    let body = |html: &str| build(html, "form", None, &[]).unwrap().body.unwrap();
    let (content_type, text) = body(
        "<form method=post enctype=multipart/form-data><input name=a value=1>\
        <input type=file name=f></form>",
    );
    assert!(content_type.starts_with("multipart/form-data; boundary="), "{content_type}");
    assert!(text.contains("name=\"f\"; filename=\"\"\r\nContent-Type: application/octet-stream"), "{text}");
    let plain = body("<form method=POST enctype=text/plain><input name=a value='1 2'></form>");
    assert_eq!(plain, ("text/plain".to_owned(), "a=1 2\r\n".to_owned()));
    let latin = body("<form method=post accept-charset=iso-8859-1><input name=a value='ä€☃'></form>");
    assert_eq!(latin.1, "a=%E4%80%26%239731%3B");
    let call =
        SubmitCall { form: Locator::parse("form").unwrap(), page: None, fields: Vec::new(), button: None };
    let html = Html::parse_document("<form><input name=a value=ä><input type=hidden name=_charset_></form>");
    let page = Url::parse("https://example.com/").unwrap();
    let request = build_form_request(&html, &page, WINDOWS_1252, &call).unwrap();
    assert_eq!(request.url.query(), Some("a=%E4&_charset_=windows-1252"));
}

#[test]
fn a_form_is_found_by_itself_or_by_what_is_in_it() {
    let two =
        "<form id=a action=/a><input name=x></form><form id=b><p class=in><button>Go</button></p></form>";
    assert!(build(two, "#a", None, &[]).is_ok());
    assert!(build(two, ".in", None, &[]).is_ok());
    assert!(build(two, "text=go", None, &[]).is_ok());
    assert!(build(two, "xpath=//form[2]", None, &[]).is_ok());
    let cases = [
        (
            two,
            "form",
            "form matches 2 forms, and one is needed: <form id=\"a\" action=\"/a\">, <form id=\"b\">",
        ),
        (two, "#c", "no form matches #c: the page has <form id=\"a\" action=\"/a\">, <form id=\"b\">"),
        ("<p id=p>", "#p", "#p is in no form: <p id=\"p\"> matches; the page has no form"),
        ("<p>", "form", "no form matches form: the page has no form"),
        (
            "<form>",
            "xpath=count(//form)",
            "the expression of xpath= finds no elements: a text, a number or a boolean",
        ),
        ("<form method=dialog>", "form", "the form closes a dialog (method=\"dialog\") and sends nothing"),
        ("<form action=mailto:x@y>", "form", "the form's action \"mailto:x@y\" is not a web address"),
    ];
    for (html, form, message) in cases {
        assert_eq!(build(html, form, None, &[]).unwrap_err(), message);
    }
}

#[test]
fn what_cannot_be_filled_in_is_told() {
    let html = "<form><input name=item><input type=checkbox name=ok value=1><select name=s><option>a</select>\
        <input name=off disabled><input type=file name=photo><button name=go></form>";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[("itme", "x")],
            "the form has no field \"itme\": did you mean \"item\"? it has item, ok, s, photo",
        ),
        (&[("zzzzzz", "x")], "the form has no field \"zzzzzz\"; it has item, ok, s, photo"),
        (&[("ok", "2")], "\"ok\" cannot be \"2\"; it has \"1\""),
        (&[("s", "b")], "\"s\" cannot be \"b\"; it has \"a\""),
        (&[("s", "a"), ("s", "a")], "\"s\" takes one option, and 2 are given"),
        (&[("off", "x")], "the field \"off\" is disabled"),
        (&[("photo", "x")], "the field \"photo\" takes a file, which submit cannot fill in"),
        (&[("item", "1"), ("item", "2")], "2 values are given for \"item\", and the form has 1 such fields"),
    ];
    for (fields, message) in cases {
        assert_eq!(build(html, "form", None, fields).unwrap_err(), *message);
    }
}
