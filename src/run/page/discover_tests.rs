//! What pages name, and which addresses are wrong in themselves.

use scraper::Html;
use url::Url;

use super::discover::{list_named_by_page, upgrades_requests};
use super::judge::judge_address;
use crate::evidence::{AssetFault, Body, Headers, Response};

fn named(html: &str) -> Vec<String> {
    let page = Url::parse("https://a.example/x/page").unwrap();
    list_named_by_page(&Html::parse_document(html), &page)
        .into_iter()
        .map(|named| {
            let url =
                named.url.as_str().strip_prefix("https://a.example").unwrap_or(named.url.as_str()).to_owned();
            format!("{} {url}", named.kind)
        })
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn a_page_names_what_browsers_fetch() {
    let cases: &[(&str, &[&str])] = &[
        (
            "<link rel=stylesheet href=a.css><link rel='alternate stylesheet' href=b.css><link rel=stylesheet>",
            &["css /x/a.css"],
        ),
        (
            "<link rel='shortcut icon' href=/f.ico><link rel=apple-touch-icon href=/t.png><link rel=mask-icon href=/m.svg>",
            &["icons /f.ico", "icons /t.png", "icons /m.svg"],
        ),
        (
            "<link rel=manifest href=m.json><link rel=preconnect href=//cdn><link rel=canonical href=/c>",
            &["manifest /x/m.json"],
        ),
        (
            "<link rel=preload as=font href=f.woff2><link rel=preload href=x><link rel=preload as=fetch href=d.json>\
          <link rel=modulepreload href=m.js><link rel=preload as=style href=p.css>",
            &["fonts /x/f.woff2", "other /x/d.json", "js /x/m.js", "css /x/p.css"],
        ),
        (
            "<link rel=preload as=image href=a.png imagesrcset='b.png 2x'>",
            &["images /x/a.png", "images /x/b.png"],
        ),
        (
            "<script src=a.js></script><script type=module src=b.js></script><script type=text/template src=c></script>\
          <script>no()</script>",
            &["js /x/a.js", "js /x/b.js"],
        ),
        (
            "<img src=a.png srcset='b.png 2x, c.png 3x'><img src='#'><img src=data:image/png;base64,AA>",
            &["images /x/a.png", "images /x/b.png", "images /x/c.png"],
        ),
        (
            "<picture><source srcset=a.webp><img src=b.png></picture>",
            &["images /x/a.webp", "images /x/b.png"],
        ),
        (
            "<video src=v.mp4 poster=p.jpg><source src=w.webm><track src=t.vtt></video><audio><source src=a.ogg></audio>",
            &["media /x/v.mp4", "images /x/p.jpg", "media /x/w.webm", "media /x/t.vtt", "media /x/a.ogg"],
        ),
        (
            "<input type=image src=i.png><input src=no.png><object data=o.swf></object><embed src=e.pdf>\
          <iframe src=no.html></iframe>",
            &["images /x/i.png", "other /x/o.swf", "other /x/e.pdf"],
        ),
        (
            "<svg><image href=i.png /><use xlink:href='s.svg#icon' /><use href='#local' /></svg>",
            &["images /x/i.png", "images /x/s.svg"],
        ),
        (
            "<style>@import 'i.css'; p { background: url(b.png) }</style><p style='background:url(c.png)'>",
            &["css /x/i.css", "images /x/b.png", "images /x/c.png"],
        ),
        (
            "<base href=/base/><img src=a.png><img src=http://b.example/c.png#f>",
            &["images /base/a.png", "images http://b.example/c.png"],
        ),
        (
            "<noscript><img src=no.png></noscript><template><img src=no.png></template><!-- <img src=no.png> -->",
            &[],
        ),
        ("<img src='javascript:x'><img src='blob:x'><img src=' '><a href=/no>", &[]),
    ];
    for (html, found) in cases {
        assert_eq!(named(html), *found, "{html}");
    }
}

#[test]
fn addresses_are_judged_by_themselves() {
    let page = Url::parse("https://www.example.com/").unwrap();
    let faults = |url: &str| judge_address(&page, &Url::parse(url).unwrap());
    assert_eq!(faults("https://cdn.example.com/a.js"), []);
    assert_eq!(faults("http://cdn.example.com/a.js"), [AssetFault::MixedContent]);
    assert_eq!(
        faults("http://localhost:3000/a.js"),
        [AssetFault::DevAddress { host: "localhost".to_owned() }]
    );
    assert_eq!(faults("http://web:3000/a.js").len(), 2);
    let html = Html::parse_document(
        "<meta http-equiv=Content-Security-Policy content='default-src *; upgrade-insecure-requests'>",
    );
    let response = Response {
        status: 200,
        version: String::new(),
        headers: Headers::default(),
        body: Body::default(),
        text: None,
    };
    assert!(upgrades_requests(&response, &html));
}
