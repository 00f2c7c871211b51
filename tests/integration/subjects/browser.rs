//! The subjects that only a browser can see, and those that it sees as HTTP does.

use super::actual::Actual;
use super::samples::Sample;
use super::site::Stage;
use super::{assert_complete, judge};
use crate::support::smokegate;
use smokegate::expect::Family;

const LOOK: &str = "as = \"edith\"";
/// What a page complains of belongs to the step that opens it.
const BROKEN: &str = "as = \"broken\"\nopen = \"/broken\"";

/// A page that gives a file.
const DOWNLOAD: &str = "as = \"edith\"\nscript = \"const link = document.createElement('a'); link.download = 'tea.txt'; \
    link.href = URL.createObjectURL(new Blob(['green tea'])); link.click()\"";
const SHOT: &str = "as = \"edith\"\nscreenshot = \"page\"";

/// Each actor opens a page; the steps that follow look at it.
const OPENED: &str = "[[step]]\nas = \"edith\"\nopen = \"/page\"\n[[step]]\nas = \"bare\"\nopen = \"/bare\"\n\
    [[step]]\nas = \"day\"\nopen = \"/day\"\n";

macro_rules! samples {
    ($($row:literal $what:literal $action:expr, $subject:literal => $actual:expr;)*) => {
        /// All samples.
        const SAMPLES: &[Sample] =
            &[$(Sample { row: $row, what: $what, action: $action, subject: $subject, actual: $actual },)*];
    };
}

samples! {
    "status" "of the document" LOOK, "status" => Actual::Integer(200);
    "cookie" "one" LOOK, "cookie.taste" => Actual::Text("sweet");
    "url" "of a page" LOOK, "url" => Actual::Text("SITE/page");
    "title" "of a page" LOOK, "title" => Actual::Text("Teas of the world");
    "text" "of a page" "as = \"bare\"", "text" => Actual::Text("bare & plain");
    "element.text" "of several" LOOK, "element.\"li\".text" => Actual::Text("Oolong tea");
    "element.text" "by role and name" LOOK, "element.\"role=button[name='Brew it']\".text" => Actual::Text("Brew");
    "element.text" "by XPath" LOOK, "element.\"xpath=//li[1]\".text" => Actual::Text("Green tea");
    "element.text" "none" LOOK, "element.\"#nothing\".text" => Actual::Missing;
    "element.count" "several" LOOK, "element.\"li\".count" => Actual::Integer(2);
    "element.attribute" "by label" LOOK, "element.\"label=Your name\".attribute.placeholder" => Actual::Text("Edith");
    "element.value" "of a select" LOOK, "element.\"select\".value" => Actual::Text("cup");
    "element.visible" "hidden" LOOK, "element.\"#hidden\".visible" => Actual::Flag(false);
    "element.enabled" "by test id" LOOK, "element.\"testid=brew\".enabled" => Actual::Flag(true);
    "element.checked" "a box" LOOK, "element.\"#milk\".checked" => Actual::Flag(false);
    "element.focused" "a field" LOOK, "element.\"#name\".focused" => Actual::Flag(true);
    "element.style" "a width" LOOK, "element.\"#box\".style.width" => Actual::Text("40px");
    "element.x" "a box" LOOK, "element.\"#box\".x" => Actual::Integer(100);
    "element.y" "a box" LOOK, "element.\"#box\".y" => Actual::Integer(50);
    "element.width" "a box" LOOK, "element.\"#box\".width" => Actual::Integer(40);
    "element.height" "a box" LOOK, "element.\"#box\".height" => Actual::Integer(20);
    "element.center_x" "a box" LOOK, "element.\"#box\".center_x" => Actual::Integer(120);
    "element.center_y" "a box" LOOK, "element.\"#box\".center_y" => Actual::Integer(60);
    "element.in_viewport" "of a box" LOOK, "element.\"#edge\".in_viewport" => Actual::Share("25%", "0.25", "0.26");
    "element.in_viewport" "of a box, from below" LOOK, "element.\"#edge\".in_viewport" => Actual::Share("25%", "0.25", "0.2");
    "element.overlaps" "what is around it" LOOK, "element.\"#box\".overlaps.body" => Actual::Flag(true);
    "element.overlaps" "another box" LOOK, "element.\"#box\".overlaps.\"#edge\"" => Actual::Flag(false);
    "element.overlaps" "nothing" LOOK, "element.\"#box\".overlaps.\"#hidden\"" => Actual::Missing;
    "element.role" "a button" LOOK, "element.\"testid=brew\".role" => Actual::Text("button");
    "element.role" "none" LOOK, "element.\"#box\".role" => Actual::Missing;
    "element.name" "by label" LOOK, "element.\"#name\".name" => Actual::Text("Your name");
    "first_byte" "of a page" LOOK, "first_byte" => Actual::SomeTime;
    "first_paint" "of a page" LOOK, "first_paint" => Actual::SomeTime;
    "largest_paint" "of a page" LOOK, "largest_paint" => Actual::SomeTime;
    "load" "of a page" LOOK, "load" => Actual::SomeTime;
    "layout_shift" "none" LOOK, "layout_shift" => Actual::Integer(0);
    "differs" "not at all" SHOT, "differs" => Actual::Share("0%", "0", "0.01");
    "differs" "in every pixel" "as = \"day\"\nscreenshot = \"sky\"", "differs" => Actual::Share("100%", "1", "0.5");
    "differs" "without a baseline" "as = \"edith\"\nscreenshot = \"new\"", "differs" => Actual::Missing;
    "console.errors" "one" BROKEN, "console.errors" => Actual::Integer(1);
    "result" "a text" "as = \"edith\"\nscript = \"return 'green tea'\"", "result" => Actual::Text("green tea");
    "result" "a whole number" "as = \"edith\"\nscript = \"return 1 + 2\"", "result" => Actual::Integer(3);
    "result" "true" "as = \"edith\"\nscript = \"return true\"", "result" => Actual::Flag(true);
    "result" "a list" "as = \"edith\"\nscript = \"return ['leaf', 'cup']\"", "result" => Actual::List(&["\"leaf\"", "\"cup\""]);
    "result" "a table" "as = \"edith\"\nscript = \"return { size: 1 }\"", "result" => Actual::Table("{ size = 1 }", "size");
    "result" "nothing" "as = \"edith\"\nscript = \"return\"", "result" => Actual::Null;
    "dialog" "a question" "as = \"edith\"\nscript = \"confirm('Green tea?')\"\ndialog = \"dismiss\"", "dialog" => Actual::Text("Green tea?");
    "download.name" "a file" DOWNLOAD, "download.name" => Actual::Text("tea.txt");
    "download.size" "a file" DOWNLOAD, "download.size" => Actual::Integer(9);
    "download.text" "a file" DOWNLOAD, "download.text" => Actual::Text("green tea");
    "download.sha256" "a file" DOWNLOAD, "download.sha256" => Actual::Text("69afc2ce866da3bb0282a3127f8770cbe24e817c40d689df0c15ea221d4d0832");
    "requests.failed" "one" BROKEN, "requests.failed" => Actual::Integer(1);
}

#[test]
fn every_row_that_only_a_browser_sees_has_a_sample_for_each_of_its_predicates() {
    assert_complete(SAMPLES, |row| {
        [[Family::Browser], [Family::Script], [Family::Screenshot]].iter().any(|one| row.families == one)
    });
}

#[test]
fn every_subject_of_a_page_holds_and_fails_by_every_predicate_that_it_allows() {
    let stage = Stage::start();
    // What `differs` compares with is the page as it is now.
    let night = "[[step]]\nopen = \"/night\"\n[[step]]\nscreenshot = \"sky\"\nexpect.differs = 0\n";
    stage.write("specs/shot.toml", &format!("{OPENED}[[step]]\n{SHOT}\nexpect.differs = 0\n{night}"));
    let output = smokegate(["run", "--update-screens", "specs/shot.toml"]).folder(stage.folder()).run();
    assert!(output.stdout.contains("2 baselines written"), "{}{}", output.stdout, output.stderr);
    judge(&stage, SAMPLES, OPENED, "mismatches_browser");
}
