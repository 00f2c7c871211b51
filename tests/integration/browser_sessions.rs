//! Sessions: one spec logs in, others begin with what it was given.

mod browser {
    use axum::Router;
    use axum::http::{HeaderMap, header};
    use axum::routing::get;

    use crate::support::{Site, both_browsers, folder_with, page, run_with_reports, smokegate};

    both_browsers! {
        what_one_spec_saves_others_begin_with_and_its_values_are_secrets
        who_uses_a_session_is_skipped_if_it_could_not_be_saved
    }

    const TOKEN: &str = "peacock-feathers-42";

    /// Gives a cookie and a storage at `/login`, and shows what a visitor brings.
    fn club() -> Router {
        let login = || async {
            let body = page(&format!(
                "in<script>localStorage.theme = 'token-{TOKEN}'; sessionStorage.step = 'second-{TOKEN}'</script>"
            ));
            ([(header::SET_COOKIE, format!("member={TOKEN}; Path=/; HttpOnly"))], body)
        };
        let show = |headers: HeaderMap| async move {
            let cookie = headers.get(header::COOKIE).map_or("none", |value| value.to_str().unwrap());
            let member = if cookie.contains(TOKEN) { "member" } else { "stranger" };
            page(&format!(
                "<p id=who>{member}</p><p id=kept></p><script>kept.textContent = (localStorage.theme ?? 'no').length + ' ' + (sessionStorage.step ?? 'no').length</script>"
            ))
        };
        Router::new().route("/login", get(login)).route("/", get(show))
    }

    const LOGIN: &str = "save_session = \"editor\"\n[[step]]\nopen = \"/login\"\n";

    fn what_one_spec_saves_others_begin_with_and_its_values_are_secrets() {
        // The spec that uses it comes first by its name, and waits.
        let uses = "session = \"editor\"\n[[step]]\nopen = \"/\"\nexpect.element.\"#who\".text = \"member\"\nexpect.element.\"#kept\".text = \"25 26\"\n\
            [[step]]\nscript = \"localStorage.theme = 'x'\"\n[[step]]\nreload = true\nexpect.element.\"#kept\".text = \"1 26\"\n\
            [[step]]\nas = \"stranger\"\nopen = \"/\"\nexpect.element.\"#who\".text = \"stranger\"\nexpect.element.\"#kept\".text = \"2 2\"\n\
            [[step]]\nas = \"second\"\nsession = \"editor\"\nget = \"/\"\nexpect.text = \"member\"\n\
            [[step]]\nas = \"second\"\nopen = \"/\"\nexpect.element.\"#kept\".text = \"25 26\"\n\
            [[step]]\nname = \"wrong\"\nas = \"second\"\nscript = \"return localStorage.theme\"\nexpect.result = \"wrong\"\n";
        let http = "[[step]]\nget = \"/login\"\nsave_session = \"reader\"\n[[step]]\nas = \"other\"\nsession = \"reader\"\nget = \"/\"\nexpect.text = \"member\"\n\
            [[step]]\nas = \"third\"\nsession = \"reader\"\nopen = \"/\"\nexpect.element.\"#who\".text = \"member\"\n";
        let folder = folder_with(&[("specs/a.toml", uses), ("specs/b.toml", LOGIN), ("specs/c.toml", http)]);
        let site = Site::start(club());
        let judged = run_with_reports(&folder, &["--url", &site.url()], &[]);
        judged.assert_code(1);
        assert_eq!(judged.document().0["counts"]["passed"], 2, "{}", judged.output.stdout);
        assert!(judged.output.stdout.contains("step 7: wrong"), "{}", judged.output.stdout);
        assert!(judged.output.stdout.contains("{{ secret.session editor }}"), "{}", judged.output.stdout);
        for text in [&judged.output.stdout, &judged.junit] {
            assert!(!text.contains(&format!("token-{TOKEN}")), "{text}");
        }
    }

    fn who_uses_a_session_is_skipped_if_it_could_not_be_saved() {
        let login = "save_session = \"editor\"\n[[step]]\nopen = \"/nowhere\"\n";
        let folder = folder_with(&[
            ("specs/use.toml", "session = \"editor\"\n[[step]]\nopen = \"/\"\n"),
            ("specs/login.toml", login),
        ]);
        let site = Site::start(club());
        let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
        assert_eq!(output.code, 1, "{}", output.stdout);
        assert!(output.stdout.contains("it needs `login`, which was failed"), "{}", output.stdout);
    }

    #[test]
    fn a_session_that_nobody_or_everybody_saves_is_a_load_error() {
        for (files, told) in [
            (
                vec![("specs/a.toml", "session = \"editor\"\n[[step]]\nget = \"/\"\n")],
                "nobody saves the session `editor`",
            ),
            (
                vec![
                    ("specs/a.toml", "session = \"edtor\"\n[[step]]\nget = \"/\"\n"),
                    ("specs/b.toml", LOGIN),
                ],
                "did you mean `editor`?",
            ),
            (
                vec![
                    ("specs/a.toml", "session = \"editor\"\n[[step]]\nget = \"/\"\n"),
                    ("specs/b.toml", LOGIN),
                    ("specs/c.toml", LOGIN),
                ],
                "several specs save the session `editor`: specs/b.toml, specs/c.toml",
            ),
            (
                vec![
                    ("specs/a.toml", "session = \"b\"\nsave_session = \"a\"\n[[step]]\nget = \"/\"\n"),
                    ("specs/b.toml", "session = \"a\"\nsave_session = \"b\"\n[[step]]\nget = \"/\"\n"),
                ],
                "specs need each other in a circle",
            ),
            (vec![("specs/a.toml", "[[step]]\nget = \"/\"\nsession = \"\"\n")], "a session has a name"),
            (
                vec![("specs/a.toml", "save_session = \"a\"\n[[step]]\nget = \"/\"\nsave_session = \"b\"\n")],
                "the last step has a `save_session` of its own",
            ),
        ] {
            let folder = folder_with(&files);
            let output = smokegate(["check"]).folder(&folder).run();
            assert_eq!(output.code, 2, "{told}: {}", output.stderr);
            assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
        }
    }
}
