//! One thing to look at for each row of the tables, and several where its value may be of several types.

use super::actual::Actual;

/// A subject in an action of which its value is known.
pub(super) struct Sample {
    /// The row of the tables: `status`, `element.text`.
    pub(super) row: &'static str,
    /// What makes it different from other samples of the row.
    pub(super) what: &'static str,
    /// The lines of the action. `SITE`, `HOST` and `OTHER` are filled in.
    pub(super) action: &'static str,
    /// The subject, as it stands behind `expect.`.
    pub(super) subject: &'static str,
    /// What is known of it.
    pub(super) actual: Actual,
}

const PAGE: &str = "get = \"/page\"";
const JSON: &str = "get = \"/data.json\"";
const XML: &str = "get = \"/data.xml\"";
const ASSETS: &str = "assets = \"/dressed\"";
const ROWS: &str = "sql = \"select * from tea order by id\"";
const NO_ROWS: &str = "sql = \"select * from tea where id = 99\"";

macro_rules! samples {
    ($($row:literal $what:literal $action:expr, $subject:literal => $actual:expr;)*) => {
        /// All samples.
        pub(super) const SAMPLES: &[Sample] =
            &[$(Sample { row: $row, what: $what, action: $action, subject: $subject, actual: $actual },)*];
    };
}

samples! {
    "status" "an answer" PAGE, "status" => Actual::Integer(200);
    "header" "one" PAGE, "header.X-Colour" => Actual::Text("green");
    "header" "two of one name" PAGE, "header.x-twice" => Actual::Text("two");
    "header" "none" PAGE, "header.x-nothing" => Actual::Missing;
    "cookie" "one" PAGE, "cookie.taste" => Actual::Text("sweet");
    "cookie" "none" PAGE, "cookie.nothing" => Actual::Missing;
    "url" "after a redirect" "get = \"/moved\"", "url" => Actual::Text("SITE/page");
    "redirects" "one" "get = \"/moved\"", "redirects" => Actual::Integer(1);
    "time" "of a request" PAGE, "time" => Actual::SomeTime;
    "first_byte" "of a request" PAGE, "first_byte" => Actual::SomeTime;
    "size" "of a body" "get = \"/plain\"", "size" => Actual::Integer(14);
    "http_version" "of an answer" PAGE, "http_version" => Actual::Text("HTTP/1.1");
    "address" "of a server" PAGE, "address" => Actual::Text("127.0.0.1");
    "sha256" "of a body" "get = \"/plain\"", "sha256" => Actual::Text("f5e8ca3f022fd058ff3f0b44aad280599acb97bbc4a430b6f4e22a4ab358597e");
    "body" "a text" "get = \"/plain\"", "body" => Actual::Text("tea and \"cake\"");
    "body" "no text" "get = \"/binary\"", "body" => Actual::Missing;
    "json" "a text" JSON, "json.\"$.name\"" => Actual::Text("green tea");
    "json" "a whole number" JSON, "json.\"$.price\"" => Actual::Integer(3);
    "json" "true" JSON, "json.\"$.hot\"" => Actual::Flag(true);
    "json" "a list" JSON, "json.\"$.tags\"" => Actual::List(&["\"leaf\"", "\"cup\""]);
    "json" "what a query finds" JSON, "json.\"$.pots[*].size\"" => Actual::List(&["1", "2"]);
    "json" "a table" JSON, "json.\"$.pots[0]\"" => Actual::Table("{ size = 1 }", "size");
    "json" "null" JSON, "json.\"$.none\"" => Actual::Null;
    "json" "nothing there" JSON, "json.\"$.pots[0].colour\"" => Actual::Missing;
    "json" "no JSON" PAGE, "json.\"$.name\"" => Actual::Missing;
    "json" "no body" "get = \"/empty\"", "json.\"$.name\"" => Actual::Missing;
    "xml" "texts of elements" XML, "xml.\"//pot\"" => Actual::Text("large");
    "xml" "an attribute" XML, "xml.\"//pot[2]/@size\"" => Actual::Text("22");
    "xml" "a number" XML, "xml.\"count(//pot)\"" => Actual::Integer(2);
    "xml" "a truth" XML, "xml.\"count(//pot) = 2\"" => Actual::Flag(true);
    "xml" "a namespace" XML, "xml.\"//x:lid\"" => Actual::Text("round");
    "xml" "HTML" PAGE, "xml.\"//li[2]\"" => Actual::Text("Oolong tea");
    "xml" "a list" XML, "xml.\"//none | //pot\"" => Actual::Text("small");
    "xml" "nothing matches" XML, "xml.\"//kettle\"" => Actual::Missing;
    "xml" "an unknown namespace" XML, "xml.\"//y:lid\"" => Actual::Missing;
    "xml" "no XML" "get = \"/plain\"", "xml.\"//pot\"" => Actual::Missing;
    "schema" "a document" JSON, "schema" => Actual::Document { good: "tea.schema.json", bad: "coffee.schema.json" };
    "title" "of a page" PAGE, "title" => Actual::Text("Teas of the world");
    "title" "none" "get = \"/bare\"", "title" => Actual::Missing;
    "text" "of a page" "get = \"/bare\"", "text" => Actual::Text("bare & plain");
    "element.text" "of several" PAGE, "element.\"li\".text" => Actual::Text("Oolong tea");
    "element.text" "by role and name" PAGE, "element.\"role=button[name='Brew it']\".text" => Actual::Text("Brew");
    "element.text" "by text" PAGE, "element.\"text=oolong\".text" => Actual::Text("Oolong tea");
    "element.text" "by XPath" PAGE, "element.\"xpath=//li[1]\".text" => Actual::Text("Green tea");
    "element.text" "none" PAGE, "element.\"#nothing\".text" => Actual::Missing;
    "element.count" "several" PAGE, "element.\"li\".count" => Actual::Integer(2);
    "element.count" "none" PAGE, "element.\"#nothing\".count" => Actual::Integer(0);
    "element.attribute" "by label" PAGE, "element.\"label=Your name\".attribute.placeholder" => Actual::Text("Edith");
    "element.attribute" "not there" PAGE, "element.\"li\".attribute.title" => Actual::Missing;
    "element.value" "of a select" PAGE, "element.\"select\".value" => Actual::Text("cup");
    "element.value" "by placeholder" PAGE, "element.\"placeholder=Edith\".value" => Actual::Text("Francis");
    "element.value" "no control" PAGE, "element.\"li\".value" => Actual::Missing;
    "element.enabled" "by test id" PAGE, "element.\"testid=brew\".enabled" => Actual::Flag(true);
    "element.role" "of a button" PAGE, "element.\"testid=brew\".role" => Actual::Text("button");
    "element.role" "none" PAGE, "element.\"#box\".role" => Actual::Missing;
    "element.name" "by aria-label" PAGE, "element.\"testid=brew\".name" => Actual::Text("Brew it");
    "element.checked" "a box" PAGE, "element.\"#milk\".checked" => Actual::Flag(false);
    "element.checked" "what cannot be" PAGE, "element.\"h1\".checked" => Actual::Missing;
    "css" "one loads" ASSETS, "css" => Actual::Integer(1);
    "js" "one loads" ASSETS, "js" => Actual::Integer(1);
    "images" "one of two loads" ASSETS, "images" => Actual::Integer(1);
    "fonts" "one loads" ASSETS, "fonts" => Actual::Integer(1);
    "all" "four load" ASSETS, "all" => Actual::Integer(4);
    "third_party" "none" ASSETS, "third_party" => Actual::Integer(0);
    "links" "two lead somewhere" "links = \"/linked\"", "links" => Actual::Integer(2);
    "rows" "two" ROWS, "rows" => Actual::Integer(2);
    "row" "a text" ROWS, "row.name" => Actual::Text("green");
    "row" "a number" ROWS, "row.id" => Actual::Integer(1);
    "row" "null" ROWS, "row.note" => Actual::Null;
    "row" "no rows" NO_ROWS, "row.name" => Actual::Missing;
    "row" "no such column" ROWS, "row.colour" => Actual::Missing;
    "row" "a decimal as text" ROWS, "row.price" => Actual::Text("1.50");
    "column" "a list" ROWS, "column.name" => Actual::List(&["\"green\"", "\"oolong\""]);
    "affected" "one" "sql = \"update tea set note = 'x' where id = 2\"", "affected" => Actual::Integer(1);
    "affected" "a query" ROWS, "affected" => Actual::Missing;
}
