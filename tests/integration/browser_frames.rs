//! Frames: actions and looks in them, whatever their origin, and what may cover them.

mod browser {
    use axum::Router;
    use axum::response::Html;
    use axum::routing::get;

    use crate::support::{Site, assert_told, both_browsers, judge, judge_at, pages};

    both_browsers! {
        a_step_acts_and_looks_in_its_frame
        frames_of_another_origin_and_frames_in_frames_are_entered_as_they_come
        what_covers_a_frame_for_a_while_is_waited_for_and_never_clicked
        a_frame_that_is_replaced_or_taken_away_is_followed
        a_frame_that_is_not_there_or_not_usable_is_told
        a_frame_that_loads_slowly_is_waited_for
    }

    const PAY: &str = "<button id=pay onclick=\"told.textContent += 'paid,'\">Pay</button><input id=card>\
        <a href=/thanks id=leave>leave</a><p id=told></p>\
        <script>card.onkeydown = event => { if (event.key === 'Enter') told.textContent += card.value }</script>";

    fn a_step_acts_and_looks_in_its_frame() {
        let site = pages(&[
            (
                "/",
                "<h1>Shop</h1><div style='height:1500px'></div><iframe id=pay src=/pay style='border:7px solid;padding:5px'></iframe>",
            ),
            ("/pay", PAY),
            ("/thanks", "<h2>Thanks</h2>"),
        ]);
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nframe = \"#pay\"\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,\"\nexpect.url.ends_with = \"/pay\"\n\
            [[step]]\nframe = \"#pay\"\nfill = { \"#card\" = \"42\" }\npress = \"Enter\"\nexpect.element.\"#told\".text = \"paid,42\"\n\
            [[step]]\nframe = \"#pay\"\nscript = \"return document.querySelector('#card').value + args[0]\"\nargs = [\"!\"]\nexpect.result = \"42!\"\n\
            [[step]]\nframe = \"#pay\"\nhover = \"#told\"\n\
            [[step]]\nframe = \"#pay\"\nexpect.element.h1.count = 0\ncapture.told = \"element.\\\"#told\\\".text\"\n\
            [[step]]\nexpect.element.h1.text = \"Shop\"\nexpect.element.\"#told\".count = 0\n\
            [[step]]\nframe = \"#pay\"\nclick = \"#leave\"\nexpect.text = \"Thanks\"\n\
            [[step]]\nexpect.text.contains = \"Shop\"\n";
        let (code, text, _) = judge(site, spec);
        assert_eq!(code, 0, "{text}");
    }

    fn frames_of_another_origin_and_frames_in_frames_are_entered_as_they_come() {
        let inner = Site::start(pages(&[
            ("/inner", PAY),
            (
                "/middle",
                "<div style='height:400px'>above</div><script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<iframe id=inner src=/inner style=\"margin:20px\"></iframe>'), 300)</script>",
            ),
        ]));
        let body = format!(
            "<div style='height:900px'></div><script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', \
             '<iframe id=outer src={}/middle width=600 height=300></iframe>'), 300)</script>",
            inner.url().replace("127.0.0.1", "localhost")
        );
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nframe = [\"#outer\", \"#inner\"]\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,\"\n\
            [[step]]\nframe = [\"#outer\", \"#inner\"]\nfill = { \"#card\" = \"7\" }\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,paid,\"\nexpect.element.\"#card\".value = \"7\"\n\
            [[step]]\nframe = [\"#outer\", \"#inner\"]\nscript = \"return location.hostname\"\nexpect.result = \"localhost\"\n\
            [[step]]\nframe = \"#outer\"\nexpect.text = \"above\"\n";
        let (code, text, _) = judge(pages(&[("/", &body)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn what_covers_a_frame_for_a_while_is_waited_for_and_never_clicked() {
        // The cover stands over the frame, in the page around it.
        let body = "<iframe id=pay src=/pay></iframe><div id=cover style='position:fixed;inset:0' onclick=\"document.title = 'wrong'\"></div>\
            <script>setTimeout(() => cover.remove(), 700)</script>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nframe = \"#pay\"\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,\"\n\
            [[step]]\nexpect.title = \"page\"\n";
        let (code, text, _) = judge(pages(&[("/", body), ("/pay", PAY)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_frame_that_is_replaced_or_taken_away_is_followed() {
        let body = "<div id=box><iframe id=pay src=/first></iframe></div>\
            <script>setTimeout(() => { box.innerHTML = '<iframe id=pay src=/pay></iframe>' }, 600)</script>";
        // Nothing is expected of the frame, so it may be gone once it was clicked.
        let leaving =
            "<button id=pay onclick=\"parent.document.getElementById('box').innerHTML = 'done'\">x</button>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nframe = \"#pay\"\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,\"\n\
            [[step]]\nopen = \"/leaving\"\n[[step]]\nframe = \"#pay\"\nclick = \"#pay\"\n[[step]]\nexpect.text = \"done\"\n";
        let site = pages(&[
            ("/", body),
            ("/first", "nothing"),
            ("/pay", PAY),
            ("/leaving", "<div id=box><iframe id=pay src=/away></iframe></div>"),
            ("/away", leaving),
        ]);
        let (code, text, _) = judge(site, spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_frame_that_is_not_there_or_not_usable_is_told() {
        assert_told(&[
            ("x", "frame = \"#pay\"\nclick = \"#a\"", "#pay: no element matches for "),
            ("<p id=pay>x</p>", "frame = \"#pay\"\nclick = \"#a\"", "#pay: <p id=\"pay\"> is no frame"),
            (
                "<iframe></iframe><iframe></iframe>",
                "frame = \"iframe\"\nclick = \"#a\"",
                "iframe: 2 elements match: <iframe>, <iframe>",
            ),
            (
                "<iframe id=pay srcdoc='<p>a</p>'></iframe>",
                "frame = \"#pay\"\nclick = \"#a\"",
                "#a: no element matches",
            ),
            (
                "<iframe id=pay src='http://127.0.0.1:1/'></iframe>",
                "frame = \"#pay\"\nclick = \"#a\"",
                "#a: no element matches, and the frame shows the browser's error page",
            ),
            (
                "<iframe id=pay srcdoc='<button id=a>a</button>'></iframe><div id=cover style='position:fixed;inset:0'></div>",
                "frame = \"#pay\"\nclick = \"#a\"",
                "#a: the frame is covered by <div id=\"cover\"",
            ),
            (
                "<iframe id=pay srcdoc='<button id=a>a</button>'></iframe><div id=cover style='position:fixed;inset:0'></div>",
                "frame = \"#pay\"\nhover = \"#a\"",
                "#a: the frame is covered by <div id=\"cover\"",
            ),
            (
                "<iframe id=pay srcdoc='<button id=a disabled>a</button>'></iframe>",
                "frame = \"#pay\"\nclick = \"#a\"",
                "#a: <button id=\"a\" disabled> is disabled for ",
            ),
            (
                "<iframe id=pay srcdoc=a></iframe>",
                "frame = [\"#pay\", \"#in\"]\nexpect.text = \"b\"",
                "#in: no element matches for ",
            ),
            (
                "<iframe id=pay srcdoc='<i id=a>i</i>'></iframe>",
                "frame = \"#pay\"\nclick = \"#b\"",
                "did you mean: click = \"#a\"",
            ),
        ]);
    }

    fn a_frame_that_loads_slowly_is_waited_for() {
        let slow = get(|| async {
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
            Html(PAY)
        });
        let router: Router = pages(&[("/", "<div id=box></div><script>onload = () => { box.innerHTML = '<iframe id=pay src=/slow></iframe>' }</script>")]).route("/slow", slow);
        let site = Site::start(router);
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nframe = \"#pay\"\nexpect.element.\"#pay\".text = \"Pay\"\n\
            [[step]]\nframe = \"#pay\"\nclick = \"#pay\"\nexpect.element.\"#told\".text = \"paid,\"\n";
        let (code, text, _) = judge_at(&site.url(), spec);
        assert_eq!(code, 0, "{text}");
    }
}
