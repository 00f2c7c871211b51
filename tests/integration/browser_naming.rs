//! How elements are named: several of one name, none, and what is proposed instead.

mod browser {
    use crate::support::assert_told;

    #[test]
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

    #[test]
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

    #[test]
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
        let steps: String = lines.iter().map(|line| format!("[[step]]\n{line}\n")).collect();
        let spec =
            format!("[[step]]\nopen = \"/\"\n{steps}[[step]]\nexpect.element.\"#told\".text = \"12\"\n");
        let (code, text, _) = judge(pages(&[("/", body)]), &spec);
        assert_eq!(code, 0, "{help}\n{text}");
    }
}
