//! A form that was looked at and not sent.

use url::Url;

use super::{Certainty, Diagnosis};

/// What was seen of a form.
#[derive(Clone, Copy, Debug)]
pub struct FormFacts<'a> {
    /// A selector that names it.
    pub name: &'a str,
    /// The address of its page.
    pub page: &'a Url,
    /// Where it is sent.
    pub action: &'a Url,
    /// Whether it asks and does not write.
    pub is_get: bool,
    /// Whether a hidden field proves where it comes from.
    pub has_token: bool,
    /// The development host that it goes to.
    pub development_host: Option<&'a str>,
    /// Cookies that came with its page and that no browser keeps, a line for each.
    pub dropped: &'a [String],
}

/// What is wrong with a form: what holds of a whole one, and what was seen.
#[derive(Clone, Debug)]
pub struct FormFault {
    /// What is expected.
    pub expected: &'static str,
    /// What was seen.
    pub actual: String,
    /// What that means.
    pub diagnosis: Diagnosis,
}

/// What is wrong with a form, as far as that is seen without sending it: it goes to somebody's own machine, or by plain
/// http, or the cookie that belongs to its token will not come back.
pub fn judge_form(form: &FormFacts<'_>) -> Option<FormFault> {
    let goes = format!("{} goes to {}", form.name, form.action);
    let find = |code: &str, what: &str, seen: &[String]| {
        seen.iter().fold(Diagnosis::of(code, Certainty::Probable, what), Diagnosis::seen).with_advice()
    };
    let seen = [format!("{}: {goes}", form.page)];
    if let Some(host) = form.development_host {
        let diagnosis = find("static.dev_address", host, &seen);
        return Some(FormFault { expected: "an address that visitors reach", actual: goes, diagnosis });
    }
    if form.page.scheme() == "https" && form.action.scheme() == "http" {
        let diagnosis = find("static.mixed_content", "a form goes by plain http", &seen);
        return Some(FormFault { expected: "https", actual: goes, diagnosis });
    }
    if form.is_get || !form.has_token || form.dropped.is_empty() {
        return None;
    }
    let is_token = |line: &String| {
        let line = line.to_ascii_lowercase();
        line.contains("csrf") || line.contains("xsrf")
    };
    let code = if form.dropped.iter().any(is_token) { "session.csrf" } else { "session.cookie_lost" };
    Some(FormFault {
        expected: "cookies that come back",
        actual: form.dropped.join("; "),
        diagnosis: find(code, "no browser keeps its cookie", form.dropped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(page: &str, action: &str, dropped: &[&str]) -> Option<String> {
        let dropped: Vec<String> = dropped.iter().map(|line| (*line).to_owned()).collect();
        let (page, action) = (Url::parse(page).unwrap(), Url::parse(action).unwrap());
        let form = FormFacts {
            name: "form",
            page: &page,
            action: &action,
            is_get: false,
            has_token: true,
            development_host: action.host_str().filter(|host| *host == "localhost"),
            dropped: &dropped,
        };
        judge_form(&form).map(|fault| fault.diagnosis.code)
    }

    #[test]
    fn a_form_that_cannot_be_sent_is_seen_without_sending_it() {
        let page = "https://a.example/write";
        assert_eq!(judge(page, "https://a.example/write", &[]), None);
        assert_eq!(judge(page, "http://localhost:8000/", &[]).as_deref(), Some("static.dev_address"));
        assert_eq!(judge(page, "http://a.example/write", &[]).as_deref(), Some("static.mixed_content"));
        let dropped = |line: &str| judge(page, page, &[line]);
        assert_eq!(dropped("cookie csrftoken: Secure, over http").as_deref(), Some("session.csrf"));
        assert_eq!(dropped("cookie id: for the domain b.example").as_deref(), Some("session.cookie_lost"));
    }
}
