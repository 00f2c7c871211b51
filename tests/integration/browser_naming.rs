//! How elements are named: several of one name, none, and what is proposed instead.

mod browser {
    use crate::support::{assert_told, both_browsers};

    both_browsers! {
        several_elements_are_listed_each_with_a_line_that_names_it_alone
        where_nothing_matches_the_nearest_is_proposed
        what_is_proposed_works_as_it_stands
        every_kind_of_field_is_filled_and_the_page_hears_of_it
        a_text_is_put_in_at_once_and_pages_hear_one_key_of_it
        a_value_that_a_field_does_not_take_is_told
        selectors_may_ask_what_only_a_browser_knows
    }

    fn several_elements_are_listed_each_with_a_line_that_names_it_alone() {
        assert_told(&[
            (
                "<button data-testid=one>Save</button><button id=two>Save</button>",
                "click = \"text=Save\"",
                "text=Save: 2 elements match: <button data-testid=\"one\">, <button id=\"two\">",
            ),
            (
                "<button data-testid=one>Save</button><button id=two>Save</button>",
                "click = \"text=Save\"",
                "help: write one of: click = \"testid=one\" for <button data-testid=\"one\">; click = \"#two\" for <button id=\"two\">",
            ),
            (
                "<button>Save all</button><button aria-label='Save none'>x</button>",
                "click = \"button\"",
                "click = 'role=button[name=\"Save all\"]' for <button>; click = 'role=button[name=\"Save none\"]' for ",
            ),
            (
                "<label>First <input></label><label>Second <input></label>",
                "fill = { input = \"a\" }",
                "fill = { 'role=textbox[name=\"First\"]' = \"a\" } for <input>; fill = ",
            ),
            (
                "<ul id=a><li><b></b><i>x</i></ul><ul id=b><li><i>x</i><i>x</i></ul>",
                "hover = \"i\"",
                "hover = \"#a > li > i\" for <i>; hover = \"#b > li > i:nth-of-type(1)\" for <i>; hover = \"i:nth-of-type(2)\" for <i>",
            ),
            (
                "<input type=checkbox name=x value=1><input type=checkbox name='y\"z'>",
                "uncheck = \"input\"",
                "uncheck = \"input[name='x']\" for ",
            ),
            // What is unique only because the others are hidden is unique.
            (
                "<p hidden>twice</p><p>twice</p><div>twice</div>",
                "hover = \"text=twice\"",
                "hover = \"p:nth-of-type(2)\" for <p>; hover = \"div\" for <div>",
            ),
        ]);
    }

    fn where_nothing_matches_the_nearest_is_proposed() {
        assert_told(&[
            ("<button id=save>x</button>", "click = \"#svae\"", "#svae: no element matches for "),
            (
                "<button id=save>x</button>",
                "click = \"#svae\"",
                "help: did you mean: click = \"#save\" for <button id=\"save\">",
            ),
            (
                "<button class=save>Keep</button>",
                "click = \".sav\"",
                "did you mean: click = 'role=button[name=\"Keep\"]' for ",
            ),
            (
                "<button>Sign in</button><button>Other</button>",
                "click = 'role=button[name=\"Log in\"]'",
                "did you mean: click = 'role=button[name=\"Sign in\"]' for",
            ),
            (
                "<label>E-mail <input></label>",
                "fill = { \"label=Email\" = \"x\" }",
                "did you mean: fill = { 'role=textbox[name=\"E-mail\"]' = \"x\" } for",
            ),
            ("<b data-testid=a-b>x</b>", "click = \"testid=a_b\"", "click = \"testid=a-b\" for"),
        ]);
    }

    fn what_is_proposed_works_as_it_stands() {
        use crate::support::{judge, pages};
        let body = "<button onclick='told.textContent += 1'>Save</button><div><button onclick='told.textContent += 2'>Save</button></div><p id=told></p>";
        let (_, text, document) = judge(
            pages(&[("/", body)]),
            "[[step]]\nopen = \"/\"\n[[step]]\nname = \"act\"\nclick = \"button\"\ntimeout = \"1s\"\n",
        );
        let help =
            document.step("act")["error"]["help"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned();
        let lines: Vec<String> = help
            .trim_start_matches("write one of: ")
            .split("; ")
            .map(|one| one.split(" for ").next().unwrap().to_owned())
            .collect();
        let steps = format!("[[step]]\n{}\n", lines.join("\n[[step]]\n"));
        let spec =
            format!("[[step]]\nopen = \"/\"\n{steps}[[step]]\nexpect.element.\"#told\".text = \"12\"\n");
        let (code, text, _) = judge(pages(&[("/", body)]), &spec);
        assert_eq!(code, 0, "{help}\n{text}");
    }

    const FIELDS: &str = "<input id=text value=old><textarea id=area>old</textarea><div contenteditable id=rich>old <b>bold</b></div>\
        <input type=date id=date><input type=time id=time><input type=color id=color><input type=range id=range min=0 max=10 step=2 value=4>\
        <input type=number id=number value=1><input type=datetime-local id=moment><input type=search id=search><p id=told></p>\
        <script>document.oninput = event => { told.textContent += event.target.id + ',' }</script>";

    fn every_kind_of_field_is_filled_and_the_page_hears_of_it() {
        use crate::support::{judge, pages};
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nfill = { \"#date\" = \"2026-11-21\", \"#time\" = \"10:30\", \"#color\" = \"#FF8000\", \"#range\" = 8, \"#moment\" = \"2026-11-21T10:30\" }\n\
            expect.element.\"#date\".value = \"2026-11-21\"\nexpect.element.\"#time\".value = \"10:30\"\nexpect.element.\"#color\".value = \"#ff8000\"\n\
            expect.element.\"#range\".value = \"8\"\nexpect.element.\"#moment\".value = \"2026-11-21T10:30\"\nexpect.element.\"#told\".text = \"date,time,color,range,moment,\"\n\
            [[step]]\nfill = { \"#text\" = \"new\", \"#area\" = \"two\\nlines\", \"#rich\" = \"plain\", \"#number\" = 42, \"#search\" = \"tea\" }\n\
            expect.element.\"#text\".value = \"new\"\nexpect.element.\"#area\".value = \"two\\nlines\"\nexpect.element.\"#rich\".text = \"plain\"\n\
            expect.element.\"#number\".value = \"42\"\nexpect.element.\"#search\".value = \"tea\"\n\
            [[step]]\nfill = { \"#text\" = \"\", \"#rich\" = \"\", \"#date\" = \"\" }\nexpect.element.\"#text\".value = \"\"\nexpect.element.\"#rich\".text = \"\"\nexpect.element.\"#date\".value = \"\"\n";
        let (code, text, _) = judge(pages(&[("/", FIELDS)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_text_is_put_in_at_once_and_pages_hear_one_key_of_it() {
        use crate::support::{judge, pages};
        let body = "<input id=plain value=old><input id=peacock><input id=umlaut><input type=number id=debt value=1>\
            <input id=short maxlength=4><input type=email id=mail><input type=password id=secret><input id=upper>\
            <input id=digits><textarea id=area>old</textarea><p id=keys></p><p id=search></p>\
            <script>document.onkeyup = event => { keys.textContent += event.target.id + '=' + event.key + ' ' };\
            plain.onkeyup = () => { search.textContent = 'searched for ' + plain.value };\
            upper.oninput = () => { upper.value = upper.value.toUpperCase() };\
            digits.onbeforeinput = event => { if (/[^0-9]/.test(event.data)) event.preventDefault() }</script>";
        let spec = "[[step]]\nopen = \"/\"\n\
            [[step]]\nfill = { \"#plain\" = \"Buy peacock feathers\", \"#peacock\" = \"a 🦚\", \"#umlaut\" = \"Mäuseöhrchen äöü\" }\n\
            expect.element.\"#plain\".value = \"Buy peacock feathers\"\nexpect.element.\"#peacock\".value = \"a 🦚\"\n\
            expect.element.\"#umlaut\".value = \"Mäuseöhrchen äöü\"\nexpect.element.\"#search\".text = \"searched for Buy peacock feathers\"\n\
            expect.element.\"#keys\".text = \"plain=s peacock=🦚 umlaut=ü\"\n\
            [[step]]\nfill = { \"#debt\" = \"-5.25\", \"#short\" = \"peacock\", \"#mail\" = \"edith@example.org\", \"#secret\" = \"x y\" }\n\
            expect.element.\"#debt\".value = \"-5.25\"\nexpect.element.\"#short\".value = \"peac\"\n\
            expect.element.\"#mail\".value = \"edith@example.org\"\nexpect.element.\"#secret\".value = \"x y\"\n\
            [[step]]\nfill = { \"#upper\" = \"loud\", \"#digits\" = \"12\", \"#area\" = \"one more time\", \"#debt\" = 7 }\n\
            expect.element.\"#upper\".value = \"LOUD\"\nexpect.element.\"#digits\".value = \"12\"\n\
            expect.element.\"#area\".value = \"one more time\"\nexpect.element.\"#debt\".value = \"7\"\n\
            [[step]]\nfill = { \"#plain\" = \"x\", \"#digits\" = \"abc\" }\nexpect.element.\"#plain\".value = \"x\"\n\
            expect.element.\"#digits\".value = \"12\"\n";
        let (code, text, _) = judge(pages(&[("/", body)]), spec);
        assert_eq!(code, 0, "{text}");
    }

    fn a_value_that_a_field_does_not_take_is_told() {
        assert_told(&[
            (
                FIELDS,
                "fill = { \"#date\" = \"21.11.2026\" }",
                "does not take \"21.11.2026\": it takes YYYY-MM-DD",
            ),
            (
                FIELDS,
                "fill = { \"#range\" = 11 }",
                "does not take \"11\": it takes a number in its range and on its steps",
            ),
            (FIELDS, "fill = { \"#color\" = \"red\" }", "does not take \"red\": it takes #rrggbb"),
            (
                "<input type=radio id=a>",
                "fill = { \"#a\" = \"1\" }",
                "is a radio button to check: use `check`",
            ),
            (
                "<button id=a>a</button>",
                "fill = { \"#a\" = \"1\" }",
                "<button id=\"a\"> is no field that can be filled",
            ),
        ]);
    }

    fn selectors_may_ask_what_only_a_browser_knows() {
        use crate::support::{folder_with, judge, pages, smokegate};
        let body = "<input type=checkbox id=a checked><input type=checkbox id=b><input type=email id=mail required value=x>\
            <form><input id=in></form><a href=/ id=link>link</a>";
        let spec = "[[step]]\nopen = \"/\"\n[[step]]\nclick = \"input:checked\"\nexpect.element.\"input:checked\".count = 0\n\
            [[step]]\nfill = { \"input:invalid\" = \"a@b.c\" }\nexpect.element.\":invalid\".count = 0\n\
            [[step]]\nhover = \"#link\"\nexpect.element.\"a:hover\".count = 1\n\
            [[step]]\nclick = \"#in\"\nexpect.element.\"form:focus-within\".count = 1\n";
        let (code, text, _) = judge(pages(&[("/", body)]), spec);
        assert_eq!(code, 0, "{text}");
        for step in [
            "get = \"/\"\nexpect.element.\"input:checked\".count = 1",
            "get = \"/\"\ncapture.x = \"element.\\\"input:checked\\\".text\"",
            "submit = \"form:hover\"\npage = \"/\"",
        ] {
            let folder = folder_with(&[("specs/x.toml", &format!("[[step]]\n{step}\n"))]);
            let output = smokegate(["check"]).folder(&folder).run();
            assert_eq!(output.code, 2, "{step}");
            assert!(output.stderr.contains("only a browser can judge `:"), "{step}: {}", output.stderr);
        }
    }
}
