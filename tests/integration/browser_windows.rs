//! Dialogs, new windows and downloads.

mod browser {
    use axum::Router;
    use axum::http::{HeaderMap, header};
    use axum::routing::get;

    use crate::support::{
        assert_told, both_browsers, folder_with, judge, page, pages, run_with_reports, smokegate,
    };

    both_browsers! {
        dialogs_are_answered_as_the_step_says_and_their_messages_are_subjects
        a_dialog_that_no_step_expects_is_dismissed_and_told
        leaving_a_page_that_asks_is_answered_too
        a_dialog_that_does_not_open_is_told
        a_new_window_is_the_actors_page_until_it_goes_back_or_closes_it
        a_window_that_closes_unexpectedly_is_told
        a_download_is_waited_for_and_looked_into
    }

    const DIALOGS: &str = "<button id=alert onclick=\"alert('Saved'); told.textContent += 'alert,'\">a</button>\
        <button id=confirm onclick=\"told.textContent += confirm('Really delete?') + ','\">c</button>\
        <button id=prompt onclick=\"told.textContent += prompt('Your name?', 'nobody') + ','\">p</button>\
        <button id=late onclick=\"setTimeout(() => { told.textContent += confirm('Late?') + ',' }, 400)\">l</button>\
        <button id=two onclick=\"confirm('One?'); confirm('Two?')\">t</button><p id=told></p>";

    fn dialogs_are_answered_as_the_step_says_and_their_messages_are_subjects() {
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nclick = \"#alert\"\ndialog = \"accept\"\nexpect.dialog = \"Saved\"\nexpect.element.\"#told\".text = \"alert,\"\n\
            [[step]]\nclick = \"#confirm\"\ndialog = \"accept\"\nexpect.dialog = \"Really delete?\"\nexpect.element.\"#told\".text = \"alert,true,\"\n\
            [[step]]\nclick = \"#confirm\"\ndialog = \"dismiss\"\nexpect.element.\"#told\".text = \"alert,true,false,\"\n\
            [[step]]\nclick = \"#prompt\"\ndialog = { accept = \"Edith\" }\nexpect.dialog.starts_with = \"Your name\"\nexpect.element.\"#told\".text.ends_with = \"Edith,\"\n\
            [[step]]\nclick = \"#late\"\ndialog = \"accept\"\nexpect.dialog = \"Late?\"\nexpect.element.\"#told\".text.ends_with = \"Edith,true,\"\ncapture.said = \"dialog\"\n\
            [[step]]\nscript = \"return confirm(args[0])\"\nargs = [\"{{ said }}\"]\ndialog = \"accept\"\nexpect.result = true\nexpect.dialog = \"Late?\"\n\
            [[step]]\nclick = \"#two\"\ndialog = \"dismiss\"\nexpect.dialog.all.one_of = [\"One?\", \"Two?\"]\n\
            [[step]]\nopen = \"/greeting\"\ndialog = \"accept\"\nexpect.dialog = \"Hello\"\nexpect.text = \"true\"\n";
        let greeting = "<p id=told></p><script>told.textContent = confirm('Hello')</script>";
        let (code, text, _) = judge(pages(&[("/", DIALOGS), ("/greeting", greeting)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_dialog_that_no_step_expects_is_dismissed_and_told() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"act\"\nclick = \"#confirm\"\nexpect.element.\"#told\".text = \"true,\"\ntimeout = \"1s\"\n";
        let folder = folder_with(&[("specs/x.toml", spec)]);
        let site = crate::support::Site::start(pages(&[("/", DIALOGS)]));
        let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
        judged.assert_code(1);
        assert!(judged.output.stdout.contains("\"false,\""), "{}", judged.output.stdout);
        let outcome = judged.outcomes()[1].to_string();
        assert!(
            outcome.contains(r#"a dialog (confirm) said \"Really delete?\" and was dismissed"#),
            "{outcome}"
        );
    }

    fn leaving_a_page_that_asks_is_answered_too() {
        let body = "<input id=a><a href=/next id=next>next</a><script>addEventListener('beforeunload', event => event.preventDefault())</script>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nfill = { \"#a\" = \"x\" }\n\
            [[step]]\nclick = \"#next\"\ndialog = \"dismiss\"\nexpect.url.ends_with = \"/\"\n\
            [[step]]\nopen = \"/next\"\ndialog = \"dismiss\"\nexpect.element.\"#a\".value = \"x\"\n\
            [[step]]\nclick = \"#next\"\ndialog = \"accept\"\nexpect.text = \"next page\"\n\
            [[step]]\nopen = \"/\"\n[[step]]\nfill = { \"#a\" = \"x\" }\n[[step]]\nopen = \"/next\"\nexpect.text = \"next page\"\n";
        let (code, text, _) = judge(pages(&[("/", body), ("/next", "next page")]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_dialog_that_does_not_open_is_told() {
        assert_told(&[
            (
                "<button>a</button>",
                "click = \"button\"\ndialog = \"accept\"",
                "dialog: no dialog opened within ",
            ),
            (
                "<button onclick=alert(1)>a</button>",
                "click = \"button\"\nwindow = \"new\"",
                "window: no window was opened",
            ),
            (
                "<button>a</button>",
                "click = \"button\"\nwindow = \"close\"",
                "window: the window was not closed",
            ),
            ("<button>a</button>", "window = \"close\"", "window: it is the actor's only window"),
            (
                "<button>a</button>",
                "click = \"button\"\nexpect.download.size = 1",
                "download: no download began",
            ),
        ]);
    }

    fn windows() -> Router {
        let shown = |headers: HeaderMap| async move {
            let agent = headers[header::USER_AGENT].to_str().unwrap().to_owned();
            page(&format!(
                "<h1>New</h1><p id=agent>{agent}</p><p id=size></p><button id=allow onclick=\"opener.told.textContent = 'allowed'; window.close()\">Allow</button>\
                 <script>size.textContent = innerWidth + 'x' + innerHeight; console.error('in the new window')</script>"
            ))
        };
        let body = "<h1>Main</h1><a href=/new target=_blank id=blank rel=opener>new</a><p id=told></p>\
            <button id=pop onclick=\"setTimeout(() => open('/new', 'pop', 'width=300,height=200'), 300)\">pop</button>";
        pages(&[("/", body), ("/other", "<h1>Other</h1>")]).route("/new", get(shown))
    }

    fn a_new_window_is_the_actors_page_until_it_goes_back_or_closes_it() {
        let here = "expect.element.\"#size\".text = \"1024x768\"\nexpect.element.\"#agent\".text.contains = \" smokegate/\"\nexpect.status = 200\nallow = [\"console.errors\"]\n";
        let spec = format!(
            "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"#blank\"\nwindow = \"new\"\nexpect.element.h1.text = \"New\"\nexpect.console.errors = 1\n{here}\
             [[step]]\nexpect.url.ends_with = \"/new\"\n[[step]]\nwindow = \"main\"\nexpect.element.h1.text = \"Main\"\n\
             [[step]]\nclick = \"#pop\"\nwindow = \"new\"\n{here}\
             [[step]]\nclick = \"#allow\"\nwindow = \"close\"\nexpect.element.h1.text = \"Main\"\nexpect.element.\"#told\".text = \"allowed\"\n\
             [[step]]\nopen = \"/other\"\nwindow = \"new\"\nexpect.element.h1.text = \"Other\"\n\
             [[step]]\nwindow = \"close\"\nallow = [\"console.errors\"]\n[[step]]\nwindow = \"main\"\nclick = \"#blank\"\n[[step]]\nexpect.element.h1.text = \"Main\"\n\
             [[step]]\nscript = \"open('/other')\"\nwindow = \"new\"\nexpect.element.h1.text = \"Other\"\n"
        );
        let (code, text, _) = judge(windows(), &spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_window_that_closes_unexpectedly_is_told() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"#blank\"\nwindow = \"new\"\nallow = [\"console.errors\"]\n\
            [[step]]\nscript = \"setTimeout(close, 300)\"\nallow = [\"console.errors\"]\n[[step]]\nscript = \"await new Promise(() => {})\"\noptional = true\ntimeout = \"1s\"\n\
            [[step]]\nname = \"act\"\nclick = \"#allow\"\n";
        let (code, text, document) = judge(windows(), spec);
        assert_eq!(code, 1, "{text}");
        assert_eq!(
            document.step("act")["error"]["message"],
            "window: the page has closed its window",
            "{text}"
        );
    }

    fn files() -> Router {
        let csv = || async {
            let body = axum::body::Body::from_stream(futures_util::stream::unfold(0, |round| async move {
                if round == 3 {
                    return None;
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                Some((Ok::<_, std::io::Error>(format!("row {round}\n")), round + 1))
            }));
            (
                [
                    (header::CONTENT_TYPE, "text/csv"),
                    (header::CONTENT_DISPOSITION, "attachment; filename=\"report.csv\""),
                ],
                body,
            )
        };
        let binary = || async {
            ([(header::CONTENT_DISPOSITION, "attachment; filename=\"a.bin\"")], vec![0xff_u8; 5])
        };
        pages(&[("/", "<h1>Files</h1><a href=/csv id=csv>csv</a><a href=/bin id=bin>bin</a>")])
            .route("/csv", get(csv))
            .route("/bin", get(binary))
    }

    fn a_download_is_waited_for_and_looked_into() {
        let whole = "expect.download.name = \"report.csv\"\nexpect.download.size = 18\nexpect.download.text = \"row 0\\nrow 1\\nrow 2\\n\"";
        let spec = format!(
            "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"#csv\"\n{whole}\nexpect.element.h1.text = \"Files\"\n\
             [[step]]\nclick = \"#csv\"\n{whole}\n\
             [[step]]\nclick = \"#bin\"\nexpect.download.name = \"a.bin\"\nexpect.download.size = \"5B\"\nexpect.download.sha256.matches = \"^[0-9a-f]{{64}}$\"\n\
             [[step]]\nopen = \"/csv\"\n{whole}\ncapture.name = \"download.name\"\n\
             [[step]]\nas = \"edith\"\nopen = \"/csv\"\nexpect.download.name = \"{{{{ name }}}}\"\n"
        );
        let folder = folder_with(&[("specs/x.toml", &spec)]);
        let site = crate::support::Site::start(files());
        let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
        let left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["specs"], "a download stays behind");
    }
}
