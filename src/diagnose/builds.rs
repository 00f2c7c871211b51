//! Answers of one page that name the files of two builds.

use std::collections::BTreeMap;

use super::{Certainty, Diagnosis};

/// Stylesheets and scripts under names that change with the build, as each answer of one page names them: two sets of
/// them, each seen more than once, are two builds. Names that are new each time are not.
pub fn find_two_builds(answers: &[Vec<String>]) -> Option<Diagnosis> {
    let mut sets: BTreeMap<&[String], usize> = BTreeMap::new();
    for named in answers {
        *sets.entry(named).or_default() += 1;
    }
    let mut sets = sets.into_iter();
    let ((first, in_first), (second, in_second)) = (sets.next()?, sets.next()?);
    let without_hashes = |named: &[String]| named.iter().map(|one| strip_hash(one)).collect::<Vec<_>>();
    let is_alike = without_hashes(first) == without_hashes(second);
    if sets.next().is_some() || in_first < 2 || in_second < 2 || !is_alike {
        return None;
    }
    let (one, other) = first.iter().zip(second).find(|(one, other)| one != other)?;
    let seen = format!("{one} in {in_first} answers, {other} in {in_second}");
    let what = "the files that the home page names are of two builds";
    Some(Diagnosis::of("release.mixed", Certainty::Probable, what).seen(seen).with_advice())
}

/// The address without digits and hexadecimal words, which are what a build gives.
fn strip_hash(url: &str) -> String {
    let is_hash = |word: &&str| word.len() >= 6 && word.chars().any(|one| one.is_ascii_digit());
    let words: Vec<&str> =
        url.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !is_hash(word)).collect();
    words.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Vec<String>> {
        names.iter().map(|name| vec![format!("/assets/index-{name}.js")]).collect()
    }

    #[test]
    fn two_names_that_come_back_are_two_builds() {
        let found = find_two_builds(&named(&["a1b2c3", "d4e5f6", "a1b2c3", "d4e5f6"])).unwrap();
        assert_eq!(found.code, "release.mixed");
        assert_eq!(found.evidence, ["/assets/index-a1b2c3.js in 2 answers, /assets/index-d4e5f6.js in 2"]);
        assert_eq!(find_two_builds(&named(&["a1b2c3", "a1b2c3"])), None);
        assert_eq!(find_two_builds(&named(&["a1b2c3", "d4e5f6", "a7b8c9"])), None, "new each time");
    }
}
