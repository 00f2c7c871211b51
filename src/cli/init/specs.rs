//! The first specs of a site that was looked at.

use serde_json::{Map, Value as Json};

use super::robots::Robots;
use super::survey::{SeenPage, Survey, path_of};
use crate::cli::import::writer::{ImportedSpec, ImportedStep, escape_template, is_secret_name, secret_name};
use crate::evidence::{Asset, AssetKind};
use crate::run::page::{FieldOutline, FormOutline};

/// Milliseconds that a page may take at least, however fast it was.
const LEAST_TIME: f64 = 2_000.0;
/// How much slower than now a page may become.
const SLOWER: f64 = 5.0;

/// The home page and everything that it names; with it, what is to be told.
pub(super) fn build_home(survey: &Survey) -> (ImportedSpec, Vec<String>) {
    let mut told = Vec::new();
    let mut spec = ImportedSpec {
        name: "The home page and everything that it names".to_owned(),
        tags: vec!["critical".to_owned()],
        comments: vec![
            "Written by `smokegate init`. Next: say what a visitor must see, for example".to_owned(),
            "  expect.text.contains = \"...\"".to_owned(),
            "or what a visitor must be able to do in a browser:".to_owned(),
            "  open = \"/\" in a step of its own, then click = \"text=...\" in the next.".to_owned(),
        ],
        ..ImportedSpec::default()
    };
    spec.steps.push(build_page_step(&survey.home, "the home page is served", true));
    if let Some(step) = spec.steps.last_mut() {
        if survey.redirects > 0 {
            step.comments.push("It was reached by a redirect from the address that was given.".to_owned());
        }
        for cookie in &survey.cookies {
            step.expect(&["cookie", &escape_template(cookie)], "exists", true);
        }
    }
    match &survey.assets {
        Some(assets) if !assets.is_empty() => {
            spec.steps.push(build_assets_step(&survey.home.path, assets, &mut told));
        }
        _ => {}
    }
    (spec, told)
}

/// A page that answers as it does now.
fn build_page_step(page: &SeenPage, name: &str, is_home: bool) -> ImportedStep {
    let mut step = ImportedStep::new("get", escape_template(&page.path));
    step.set_name(name);
    step.expect(&["status"], "equals", page.status);
    if page.landed != page.path {
        step.expect(&["url"], "ends_with", escape_template(&page.landed));
    }
    match &page.title {
        Some(title) => {
            step.expect(&["title"], "equals", escape_template(title));
        }
        None if !page.media_type.is_empty() => {
            step.expect(&["header", "content-type"], "starts_with", page.media_type.as_str());
        }
        None => {}
    }
    if is_home {
        step.comments.push(format!("It took {:.0} ms when it was looked at.", page.total_ms));
        let limit = (page.total_ms * SLOWER).max(LEAST_TIME);
        // Whole seconds: more exact it is not meant.
        step.expect(&["time"], "at_most", format!("{:.0}s", (limit / 1000.0).ceil()));
    }
    step
}

fn build_assets_step(path: &str, assets: &[Asset], told: &mut Vec<String>) -> ImportedStep {
    let mut step = ImportedStep::new("assets", escape_template(path));
    step.set_name("every stylesheet, script, image and font that it names loads");
    let broken: Vec<&Asset> = assets.iter().filter(|asset| !asset.faults.is_empty()).collect();
    if !broken.is_empty() {
        step.comments.push(
            "These did not load when the site was looked at. Repair them, then take them off `exclude`:"
                .to_owned(),
        );
        let mut exclude = Vec::new();
        for asset in broken {
            let fault = asset.faults.first().map(ToString::to_string).unwrap_or_default();
            step.comments.push(format!("  {}: {fault}", asset.url));
            told.push(format!("does not load, and is left out: {} ({fault})", asset.url));
            exclude.push(Json::String(globset::escape(&asset.url)));
        }
        step.set("exclude", exclude);
    }
    let foreign = assets.iter().filter(|asset| asset.third_party).count();
    if foreign > 0 {
        step.comments
            .push(format!("{foreign} on other sites are not fetched: third_party = true fetches them too."));
    }
    let loads = |kinds: &[AssetKind]| {
        assets
            .iter()
            .any(|asset| asset.faults.is_empty() && asset.status.is_some() && kinds.contains(&asset.kind))
    };
    let subjects: [(&str, &[AssetKind]); 4] = [
        ("css", &[AssetKind::Css]),
        ("js", &[AssetKind::Js]),
        ("images", &[AssetKind::Image, AssetKind::Icon]),
        ("fonts", &[AssetKind::Font]),
    ];
    for (subject, kinds) in subjects {
        if loads(kinds) {
            step.expect(&[subject], "at_least", 1);
        }
    }
    step
}

/// Pages behind the home page, and the files that every site has. None where there is nothing.
pub(super) fn build_pages(survey: &Survey) -> Option<ImportedSpec> {
    let mut spec = ImportedSpec {
        name: "Other pages and files".to_owned(),
        comments: vec![
            "Written by `smokegate init`: pages that the home page or the sitemap names. Keep the important ones."
                .to_owned(),
        ],
        ..ImportedSpec::default()
    };
    for page in &survey.pages {
        let name = format!("{} is served", escape_template(&page.path));
        spec.steps.push(build_page_step(page, &name, false));
    }
    if let Some(robots) = &survey.robots {
        spec.steps.push(build_robots_step(robots));
    }
    if let Some(sitemap) = &survey.sitemap {
        let root = ["<urlset", "<sitemapindex"].into_iter().find(|root| sitemap.contains(root));
        let mut step = ImportedStep::new("get", "/sitemap.xml");
        step.set_name("the sitemap is there");
        step.expect(&["status"], "equals", 200);
        if let Some(root) = root {
            step.expect(&["body"], "contains", root);
        }
        spec.steps.push(step);
    }
    if let Some(missing) = &survey.missing {
        let mut step = build_page_step(missing, "an address that does not exist is told as such", false);
        for (key, value) in &mut step.keys {
            if *key == "get" {
                *value = Json::from("/smokegate-{{ run.id }}");
            }
        }
        step.checks.retain(|check| check.subject != ["url"]);
        step.comments
            .push("It must be the site's own page, and show no settings of a debug mode.".to_owned());
        spec.steps.push(step);
    }
    (!spec.steps.is_empty()).then_some(spec)
}

fn build_robots_step(robots: &str) -> ImportedStep {
    let mut step = ImportedStep::new("get", "/robots.txt");
    step.set_name("robots.txt is there");
    step.expect(&["status"], "equals", 200);
    if Robots::read(robots).forbids_everything() {
        step.comments.push(
            "It keeps every search engine away: right for a staging site, a disaster for any other."
                .to_owned(),
        );
        step.expect(&["body"], "matches", "(?im)^disallow: */ *\\r?$");
    } else {
        step.comments
            .push("It must not keep every search engine away, as that of a staging site does.".to_owned());
        let forbids = "(?im)^disallow: */ *\\r?$";
        let is_said_of_some = regex::Regex::new(forbids).is_ok_and(|regex| regex.is_match(robots));
        if !is_said_of_some {
            step.expect(&["body"], "not_matches", forbids);
        }
    }
    step
}

/// The steps of each form: it is there, and, switched off, it is sent.
pub(super) fn build_forms(survey: &Survey) -> Vec<[ImportedStep; 2]> {
    survey
        .forms()
        .into_iter()
        .filter_map(|(page, form)| {
            let selector = form.selector.as_deref()?;
            let form_step = build_presence(page, selector, form);
            Some([form_step, build_submission(page, selector, form)])
        })
        .collect()
}

/// All forms in one spec.
pub(super) fn join_forms(forms: Vec<[ImportedStep; 2]>) -> ImportedSpec {
    ImportedSpec {
        name: "Forms".to_owned(),
        tags: vec!["forms".to_owned()],
        comments: vec![
            "Written by `smokegate init`. Steps that send a form are off, as they would leave data behind. To switch one on:"
                .to_owned(),
            "  1. take `when = false` out, and give its fields good values;".to_owned(),
            "  2. say `writes = true` here, below the name, and in the target that may be written to;".to_owned(),
            "  3. say what the next page shows, look into the database with a step `sql`, and remove in a [[cleanup]]"
                .to_owned(),
            "     what was written.".to_owned(),
        ],
        steps: forms.into_iter().flatten().collect(),
        ..ImportedSpec::default()
    }
}

fn build_presence(page: &str, selector: &str, form: &FormOutline) -> ImportedStep {
    let mut step = ImportedStep::new("get", escape_template(page));
    step.set_name(format!("the form for {} is on {}", path_of(&form.action), page));
    step.expect(&["element", &escape_template(selector), "count"], "equals", 1);
    for field in form.fields.iter().filter(|field| is_token(field)) {
        let inner =
            format!("{selector} [name=\"{}\"]", field.name.replace('\\', "\\\\").replace('"', "\\\""));
        step.expect(&["element", &escape_template(&inner), "attribute", "value"], "empty", false);
    }
    if let Some((_, name)) = step.keys.first_mut() {
        *name = Json::String(escape_template(name.as_str().unwrap_or("")));
    }
    step
}

fn is_token(field: &FieldOutline) -> bool {
    let lower = field.name.to_ascii_lowercase();
    field.kind == "hidden"
        && !field.value.is_empty()
        && (lower.contains("csrf") || lower.contains("xsrf") || lower.contains("token"))
}

fn build_submission(page: &str, selector: &str, form: &FormOutline) -> ImportedStep {
    let mut step = ImportedStep::new("submit", escape_template(selector));
    step.set_name(escape_template(&format!("the form for {} is sent", path_of(&form.action))));
    step.set("when", false);
    step.set("page", escape_template(page));
    let mut fields = Map::new();
    for field in form.fields.iter().filter(|field| field.kind != "hidden") {
        match field.kind.as_str() {
            "file" => {
                step.comments.push(format!("`{}` takes a file, which a step `upload` fills in.", field.name));
            }
            "checkbox" | "radio" if !field.is_required => {}
            _ => {
                fields.insert(escape_template(&field.name), Json::String(example(field)));
            }
        }
    }
    if !fields.is_empty() {
        step.set("fields", fields);
    }
    step.comments.push("Hidden fields and the CSRF token are sent as the page has them.".to_owned());
    step.expect(&["status"], "equals", 200);
    step
}

/// A value that a field might take, and that tells where it came from.
fn example(field: &FieldOutline) -> String {
    if is_secret_name(&field.name) || field.kind == "password" {
        return format!("{{{{ secret.{} | default('') }}}}", secret_name(&field.name));
    }
    if !field.value.is_empty() {
        return escape_template(&field.value);
    }
    match field.kind.as_str() {
        "email" => "smokegate+{{ run.id }}@example.com".to_owned(),
        "url" => "https://example.com/{{ run.id }}".to_owned(),
        "tel" => "+441632960000".to_owned(),
        "number" | "range" => "1".to_owned(),
        "date" => "{{ now | date('%Y-%m-%d') }}".to_owned(),
        "time" => "12:00".to_owned(),
        "datetime-local" => "{{ now | date('%Y-%m-%dT%H:%M') }}".to_owned(),
        "month" => "{{ now | date('%Y-%m') }}".to_owned(),
        "color" => "#000000".to_owned(),
        "checkbox" | "radio" => "on".to_owned(),
        _ => "smokegate {{ run.id }}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, kind: &str, value: &str) -> FieldOutline {
        FieldOutline {
            name: name.to_owned(),
            kind: kind.to_owned(),
            value: value.to_owned(),
            is_required: false,
        }
    }

    #[test]
    fn fields_get_values_that_tell_where_they_came_from() {
        assert_eq!(example(&field("mail", "email", "")), "smokegate+{{ run.id }}@example.com");
        assert_eq!(example(&field("note", "textarea", "")), "smokegate {{ run.id }}");
        assert_eq!(example(&field("pass word", "password", "x")), "{{ secret.PASS_WORD | default('') }}");
        assert_eq!(example(&field("size", "select", "{{m}}")), "{{ '{{' }}m}}");
    }

    #[test]
    fn a_form_is_off_and_its_token_must_be_there() {
        let form = FormOutline {
            selector: Some("form#add".to_owned()),
            action: url::Url::parse("https://a.example/add?x=1").unwrap(),
            is_get: false,
            fields: vec![
                field("csrf", "hidden", "t1"),
                field("empty", "hidden", ""),
                field("box", "checkbox", "1"),
            ],
        };
        let presence = build_presence("/", "form#add", &form);
        assert_eq!(presence.checks[1].subject[1], "form#add [name=\"csrf\"]");
        assert_eq!(presence.checks.len(), 2);
        let submission = build_submission("/", "form#add", &form);
        assert!(submission.keys.contains(&("when", json!(false))));
        assert!(submission.keys.iter().all(|(key, _)| *key != "fields"));
    }
}
