//! Which scenarios are selected.

use globset::GlobMatcher;

use crate::spec::Scenario;

/// What the command line selects. Nothing given selects all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only scenarios with one of these tags.
    pub tags: Vec<String>,
    /// No scenario with one of these tags.
    pub skip_tags: Vec<String>,
    /// Only scenarios whose name or file matches one of these.
    pub filters: Vec<GlobMatcher>,
}

impl Selection {
    /// Whether a scenario is selected.
    pub fn includes(&self, scenario: &Scenario) -> bool {
        let has = |tags: &[String]| tags.iter().any(|tag| scenario.tags.contains(tag));
        let matches =
            |filter: &GlobMatcher| filter.is_match(&scenario.name) || filter.is_match(&scenario.file.name);
        (self.tags.is_empty() || has(&self.tags))
            && !has(&self.skip_tags)
            && (self.filters.is_empty() || self.filters.iter().any(matches))
    }
}
