//! What a visitor does beside clicking and filling: each action on a healthy page, and on one where it cannot be done.

mod browser {

    use axum::Router;
    use axum::http::header;
    use axum::response::IntoResponse as _;
    use axum::routing::{get, post};
    use regex::Regex;

    use crate::support::{Site, assert_told, both_browsers, folder_with, judge, page, pages, smokegate};

    both_browsers! {
        the_history_leads_back_and_forward
        hovering_shows_what_appears_under_the_pointer
        options_are_chosen_by_value_or_label_and_the_page_hears_of_it
        an_option_that_is_not_there_is_told_with_those_that_are
        boxes_are_checked_and_unchecked_once
        a_box_that_cannot_be_checked_is_told
        files_reach_the_site_from_fields_that_are_shown_or_hidden
        a_file_that_is_not_there_is_found_before_anything_is_sent_or_when_its_name_is_known
        a_script_gives_its_result_to_predicates_and_captures
        what_a_script_throws_is_the_failure
        a_result_that_is_not_as_expected_is_told_at_once
    }

    fn the_history_leads_back_and_forward() {
        let site = pages(&[("/one", "<h1>one</h1>"), ("/two", "<h1>two</h1>")]);
        let spec = "[[step]]\nopen = \"/one\"\n[[step]]\nopen = \"/two\"\n\
            [[step]]\nback = true\nexpect.text = \"one\"\nexpect.url.ends_with = \"/one\"\n\
            [[step]]\nforward = true\nexpect.text = \"two\"\nexpect.url.ends_with = \"/two\"\n";
        let (code, text, _) = judge(site, spec);
        assert_eq!(code, 0, "{text}");
        assert_told(&[("x", "forward = true", "forward: there is no page after this one in the history")]);
    }

    fn hovering_shows_what_appears_under_the_pointer() {
        let body = "<style>#menu { display: none } #more:hover #menu { display: block }</style>\
            <div id=more style='width:90px'>More<a id=menu href=/x>Settings</a></div><p id=told></p>\
            <script>setTimeout(() => more.onpointerenter = () => told.textContent = 'entered')</script>";
        let spec = "[[step]]\nopen = \"/\"\nexpect.element.\"#menu\".visible = false\n\
            [[step]]\nhover = \"#more\"\nexpect.element.\"#menu\".visible = true\nexpect.element.\"#told\".text = \"entered\"\n\
            [[step]]\nhover = \"#told\"\nexpect.element.\"#menu\".visible = false\n";
        let (code, text, _) = judge(pages(&[("/", body)]), spec);
        assert_eq!(code, 0, "{text}");
        assert_told(&[
            (
                "<p id=a>a</p><div id=cover style='position:fixed;inset:0'></div>",
                "hover = \"#a\"",
                "covered by <div id=\"cover\"",
            ),
            ("<button hidden>a</button>", "hover = \"button\"", "<button hidden> is not visible for 1."),
        ]);
    }

    const LISTS: &str = "<select id=one><option value=''>choose<option value=d>Dog<option value=c>Black  cat<option value=x disabled>Fox</select>\
        <select id=several multiple><option>a<option selected>b<option>c</select><label>Late <select id=late></select></label>\
        <p id=told></p><script>const told = document.getElementById('told');\
        one.oninput = () => told.textContent += `input ${one.value},`; one.onchange = () => told.textContent += `change ${one.value},`;\
        setTimeout(() => late.innerHTML = '<option>now', 300)</script>";

    fn options_are_chosen_by_value_or_label_and_the_page_hears_of_it() {
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nselect = { \"#one\" = \"d\" }\nexpect.element.\"#told\".text = \"input d,change d,\"\n\
            [[step]]\nselect = { \"#one\" = \"Black cat\", \"#several\" = [\"a\", \"c\"], \"label=Late\" = \"now\" }\n\
            expect.element.\"#one\".value = \"c\"\nexpect.element.\"#late\".value = \"now\"\n\
            [[step]]\nscript = \"return [...several.selectedOptions].map(option => option.value)\"\nexpect.result = [\"a\", \"c\"]\n\
            [[step]]\nselect = { \"#several\" = [] }\n[[step]]\nscript = \"return several.selectedOptions.length\"\nexpect.result = 0\n";
        let (code, text, _) = judge(pages(&[("/", LISTS)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn an_option_that_is_not_there_is_told_with_those_that_are() {
        assert_told(&[
            (
                LISTS,
                "select = { \"#one\" = \"Cow\" }",
                "#one: no option \"Cow\": there are \"\" (choose), \"d\" (Dog), \"c\" (Black cat), \"x\" (Fox) for 1.",
            ),
            (LISTS, "select = { \"#one\" = \"Fox\" }", "the option \"x\" (Fox) is disabled"),
            (
                LISTS,
                "select = { \"#one\" = [\"d\", \"c\"] }",
                "takes one option, not 2: it is not `multiple`",
            ),
            (
                "<input id=a>",
                "select = { \"#a\" = \"b\" }",
                "<input id=\"a\"> is a field to fill: use `fill`",
            ),
            ("<p id=a>a</p>", "select = { \"#a\" = \"b\" }", "<p id=\"a\"> is no list to choose from"),
            ("<select id=a></select>", "select = { \"#a\" = \"b\" }", "no option \"b\": there are none"),
            (LISTS, "fill = { \"#one\" = \"d\" }", "is a list to choose from: use `select`"),
            ("<input id=a type=checkbox>", "fill = { \"#a\" = \"on\" }", "is a box to check: use `check`"),
            ("<input id=a type=file>", "fill = { \"#a\" = \"x\" }", "takes files: use `upload`"),
        ]);
    }

    const BOXES: &str = "<style>#hidden { display: none }</style><input type=checkbox id=plain><input type=checkbox id=on checked>\
        <input type=radio name=size id=small><input type=radio name=size id=large checked>\
        <input type=checkbox id=hidden><label for=hidden id=label>Terms</label>\
        <div role=switch aria-checked=false id=switch tabindex=0>Dark</div><p id=told></p>\
        <script>document.body.onclick = event => { if (event.target.id !== 'label') told.textContent += event.target.id + ',' };\
        document.getElementById('switch').addEventListener('click', event => setTimeout(() => event.target.setAttribute('aria-checked', event.target.getAttribute('aria-checked') !== 'true'), 100))</script>";

    fn boxes_are_checked_and_unchecked_once() {
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\ncheck = [\"#plain\", \"#on\", \"#small\", \"#label\", \"#switch\"]\n\
            expect.element.\"#plain\".checked = true\nexpect.element.\"#small\".checked = true\n\
            expect.element.\"#hidden\".checked = true\nexpect.element.\"#switch\".attribute.aria-checked = \"true\"\n\
            expect.element.\"#told\".text = \"plain,small,hidden,switch,\"\n\
            [[step]]\nuncheck = \"#on\"\nexpect.element.\"#on\".checked = false\n\
            [[step]]\nuncheck = [\"#on\", \"#large\", \"#switch\"]\nexpect.element.\"#told\".text = \"plain,small,hidden,switch,on,switch,\"\n";
        let (code, text, _) = judge(pages(&[("/", BOXES)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_box_that_cannot_be_checked_is_told() {
        assert_told(&[
            (
                BOXES,
                "uncheck = \"#large\"",
                "is a radio button, which cannot be unchecked: check another one of its group",
            ),
            (
                "<button id=a>b</button>",
                "check = \"#a\"",
                "<button id=\"a\"> is neither a box nor a radio button",
            ),
            ("<input type=checkbox id=a disabled>", "check = [\"#a\"]", "is disabled for 1."),
            (
                "<input type=checkbox id=a onclick='return false'>",
                "check = [\"#a\"]",
                "#a: <input type=\"checkbox\" id=\"a\" onclick=\"return false\"> is still unchecked after the click",
            ),
        ]);
    }

    /// Takes a form with files, and says what it got.
    fn drop_box() -> Router {
        let form = "<form method=post action=/taken enctype=multipart/form-data><label id=shown>Pictures\
            <input type=file name=many multiple hidden></label><input type=file name=one id=one><button>Send</button></form>";
        let take = |body: String| async move {
            let part = Regex::new(r#"name="(\w+)"; filename="([\w.]+)"\r\n.*\r\n\r\n(\w+)\r\n"#).unwrap();
            let told = part.captures_iter(&body);
            let items: Vec<String> =
                told.map(|part| format!("<li>{} {} {}</li>", &part[1], &part[2], &part[3])).collect();
            page(&items.concat())
        };
        pages(&[("/", form)]).route("/taken", post(take))
    }

    fn files_reach_the_site_from_fields_that_are_shown_or_hidden() {
        let site = Site::start(drop_box());
        let spec = "[vars]\nname = \"b\"\n[[step]]\nopen = \"/\"\n\
            [[step]]\nupload = { \"#one\" = \"a.txt\" }\n\
            [[step]]\nupload = { \"#shown\" = [\"a.txt\", \"files/{{ name }}.txt\"], \"#one\" = \"files/b.txt\" }\n\
            [[step]]\nclick = \"text=Send\"\n\
            expect.element.li.text.all.one_of = [\"many a.txt Alpha\", \"many b.txt Beta\", \"one b.txt Beta\"]\nexpect.element.li.count = 3\n";
        let folder =
            folder_with(&[("specs/x.toml", spec), ("specs/a.txt", "Alpha"), ("specs/files/b.txt", "Beta")]);
        let output = smokegate(["run", "--url", &site.url()]).folder(&folder).run();
        assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    }

    fn a_file_that_is_not_there_is_found_before_anything_is_sent_or_when_its_name_is_known() {
        let folder = folder_with(&[("specs/x.toml", "[[step]]\nupload = { \"#a\" = [\"none.txt\"] }\n")]);
        let output = smokegate(["check"]).folder(&folder).run();
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains("there is no file none.txt beside this spec"), "{}", output.stderr);
        let spec = "[vars]\nname = \"none\"\n[[step]]\nopen = \"/\"\n[[step]]\nupload = { \"#one\" = \"{{ name }}.txt\" }\n";
        let (code, text, _) = judge(drop_box(), spec);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("none.txt cannot be uploaded: No such file"), "{text}");
        let file = concat!("upload = { \"#a\" = \"", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml\" }");
        let files = concat!(
            "upload = { \"#a\" = [\"",
            env!("CARGO_MANIFEST_DIR"),
            "/Cargo.toml\", \"",
            env!("CARGO_MANIFEST_DIR"),
            "/README.md\"] }"
        );
        assert_told(&[
            ("<p id=a>a</p>", file, "<p id=\"a\"> takes no files: it is no <input type=file>"),
            ("<input id=a type=file disabled>", file, "is disabled for 1."),
            ("<input id=a type=file>", files, "takes one file, not 2: it is not `multiple`"),
        ]);
    }

    fn a_script_gives_its_result_to_predicates_and_captures() {
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nscript = \"return document.title\"\nexpect.result = \"page\"\n\
            [[step]]\nname = \"sums\"\nscript = '''\nconst [first, second] = args;\nawait new Promise(done => setTimeout(done, 100));\n\
            return { sum: first + second.n, same: arguments.length === args.length } // the end'''\n\
            args = [1, { n = 2 }]\nexpect.result = { equals = { sum = 3, same = true } }\ncapture.answer = \"result\"\n\
            [[step]]\nscript = \"return [args[0], 2.5, null]\"\nargs = [\"{{ answer.sum }}\"]\nexpect.result.any = { equals = 2.5 }\nexpect.result.length = 3\n\
            [[step]]\nscript = \"document.body.append('written')\"\nexpect.result.type = \"null\"\nexpect.text = \"written\"\n";
        let router = Router::new().route(
            "/",
            get(|| async {
                ([(header::CONTENT_SECURITY_POLICY, "script-src 'none'")], page("")).into_response()
            }),
        );
        let (code, text, _) = judge(router, spec);
        assert_eq!(code, 0, "{text}");
    }

    fn what_a_script_throws_is_the_failure() {
        assert_told(&[
            (
                "x",
                "script = \"nothing.there()\"",
                "the script failed: ReferenceError: nothing is not defined",
            ),
            ("x", "script = \"throw new Error('no stock left')\"", "the script failed: Error: no stock left"),
            ("x", "script = \"throw 'plain words'\"", "the script failed: plain words"),
            (
                "x",
                "script = \"await Promise.reject(new TypeError('late'))\"",
                "the script failed: TypeError: late",
            ),
            ("x", "script = \"const a = {}; a.a = a; return a\"", "the script failed: TypeError: "),
            ("x", "script = \"for (;;);\"", "the script did not come to its end within 1."),
            ("x", "script = \"await new Promise(() => {})\"", "the script did not come to its end within 1."),
        ]);
        // A machine that does other things, too, takes its time for these.
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscript = \"location.href = '/'; await new Promise(() => {})\"\n";
        let (code, text, _) = judge(pages(&[("/", "x")]), spec);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("the page was left before the script came to its end"), "{text}");
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscript = \"return 'x'.repeat(2000000)\"\n";
        let (code, text, _) = judge(pages(&[("/", "x")]), spec);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("what the script returned is larger than 1 MiB: 2000002 bytes"), "{text}");
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nscript = \"return (\"\n";
        let (code, text, _) = judge(pages(&[("/", "x")]), spec);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("the script is not valid JavaScript: SyntaxError: "), "{text}");
    }

    fn a_result_that_is_not_as_expected_is_told_at_once() {
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nname = \"count\"\nscript = \"return [1, 'two']\"\nexpect.result = 3\n";
        let (code, text, document) = judge(pages(&[("/", "x")]), spec);
        assert_eq!(code, 1, "{text}");
        let step = document.step("count");
        assert_eq!(step["checks"][0]["actual"], "[1, \"two\"]");
        assert!(step["duration_ms"].as_f64().unwrap() < 5_000.0, "{step}");
    }

    #[test]
    fn a_wrong_action_is_told_when_the_spec_is_loaded() {
        for (step, told) in [
            ("forward = false", "`forward = false` does nothing"),
            ("check = []", "`check` names no element"),
            ("check = [1]", "`check` must be a locator or a list of them"),
            ("check = [\"#[\"]", "#["),
            ("select = { \"#a\" = { b = 1 } }", "`select` must be a table from locators to texts"),
            ("upload = { \"#a\" = 1 }", "expected the path of a file"),
            ("upload = { \"#a\" = [] }", "expected a file to upload"),
            ("script = \"return '{{ run.id }}'\"", "templates do not stand in a script"),
            ("script = \"return 1\"\nargs = 1", "`args` must be a list of values"),
            ("screenshot = \"\"", "a picture has a name"),
            (
                "screenshot = \"a\"\nexpect.differs.at_most = \"1\"",
                "\"1\" is no share: expected a percentage",
            ),
            ("screenshot = \"a\"\nexpect.differs.at_most = 2", "2 is no share"),
            ("screenshot = \"a\"\nthreshold = 1.5", "`threshold` must be a number from 0 to 1"),
            ("open = \"/\"\nexpect.differs = 0", "`open` gives no `differs`"),
            ("expect.element.a.overlaps.\"#[\" = false", "#["),
            ("open = \"/\"\nexpect.result = 1", "`result`"),
            ("hover = \"#a\"\nclick = \"#b\"", "`hover` and `click` cannot stand together"),
        ] {
            let folder = folder_with(&[("specs/x.toml", &format!("[[step]]\n{step}\n"))]);
            let output = smokegate(["check"]).folder(&folder).run();
            assert_eq!(output.code, 2, "{step}");
            assert!(output.stderr.contains(told), "{step}: {}", output.stderr);
        }
    }
}
