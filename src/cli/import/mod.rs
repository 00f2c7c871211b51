//! Other tools' files into specs: curl commands, HAR files, Hurl files. What has no counterpart is told, never dropped in
//! silence, and secrets leave no trace in what is written.

mod curl;
mod curl_option;
mod fit;
mod har;
mod hurl;
mod model;
mod request;
mod secrets;
mod shell;
mod write;

use std::path::Path;

pub use hurl::{HURL_WORDS, HurlWord, WordKind, write_hurl_table};

pub(super) use model::{ImportError, Imported};
pub(super) use write::write_spec;

/// What `init` writes specs with.
pub(super) mod writer {
    pub(in crate::cli) use super::model::{ImportedSpec, ImportedStep, escape_template};
    pub(in crate::cli) use super::secrets::{is_secret_name, secret_name};
}

/// Where a spec can come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A curl command, as people and browsers write it.
    Curl,
    /// A HAR file, as browsers save it.
    Har,
    /// A Hurl file.
    Hurl,
}

/// Reads a text; files that it names are looked for in `folder`.
pub(super) fn import_text(source: Source, text: &str, folder: &Path) -> Result<Imported, ImportError> {
    let read_file = |name: &str| std::fs::read(folder.join(name)).ok();
    let mut imported = match source {
        Source::Curl => curl::import_curl_text(text, &read_file),
        Source::Har => har::import_har(text),
        Source::Hurl => hurl::import_hurl(text, &read_file),
    }?;
    let written = write_spec(&imported.spec);
    imported.secrets.retain(|name| written.contains(&format!("secret.{name} ")));
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HURL: &str = include_str!("../../../tests/golden/import/words.hurl");
    const CURL: &str = include_str!("../../../tests/golden/import/browser.curl");
    const HAR: &str = include_str!("../../../tests/golden/import/recorded.har");

    /// Reads a text, and what is written must be TOML.
    fn import(source: Source, text: &str) {
        if let Ok(imported) = import_text(source, text, Path::new("/nowhere")) {
            let written = write_spec(&imported.spec);
            assert!(toml::from_str::<toml::Table>(&written).is_ok(), "{written}");
        }
    }

    #[test]
    fn a_file_that_ends_too_early_is_no_trouble() {
        for (source, text, step) in
            [(Source::Hurl, HURL, 97), (Source::Curl, CURL, 3), (Source::Har, HAR, 211)]
        {
            for (end, _) in text.char_indices().step_by(step) {
                import(source, &text[..end]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_read_there_is_no_panic(
            text in "(GET |curl |\\{|\\}|\\[|\\]|\"|`|```|'|/|\n|HTTP |Asserts|body|==|\\\\|#|:|;|,|\\$|-d|[a-z0-9 ä^]){0,60}",
            at in 0usize..4000,
        ) {
            for source in [Source::Curl, Source::Har, Source::Hurl] {
                import(source, &text);
            }
            let at = HURL.floor_char_boundary(at.min(HURL.len()));
            import(Source::Hurl, &format!("{}{text}{}", &HURL[..at.min(900)], &HURL[at..HURL.len().min(at + 200)]));
        }
    }
}
