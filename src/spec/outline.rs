//! Which tables there are, and which keys each may have: the schema, the formatter and the reference go through it.

use super::fragment::{FRAGMENT_KEYS, USE_KEYS};
use super::key::KeyDefinition;
use super::project::{
    DATABASE_KEYS, DEFAULT_KEYS, MARK_KEYS, PROJECT_KEYS, REVISION_KEYS, SECRET_KEYS, TARGET_KEYS,
};
use super::read_scenario::SCENARIO_KEYS;

/// A table of a file, and its keys.
#[derive(Clone, Copy, Debug)]
pub struct TableOutline {
    /// Where it stands, from the top of the file; [`ANY_NAME`] where the user chooses the name.
    pub path: &'static [&'static str],
    /// How people write it: `[target.NAME]`.
    pub title: &'static str,
    /// What may stand in it.
    pub keys: &'static [KeyDefinition],
}

/// In the path of a [`TableOutline`]: a name that the user chooses.
pub const ANY_NAME: &str = "*";

/// The tables of a project file, each behind the one that it stands in.
pub const PROJECT_TABLES: &[TableOutline] = &[
    TableOutline { path: &[], title: "the top of `smokegate.toml`", keys: PROJECT_KEYS },
    TableOutline { path: &["defaults"], title: "`[defaults]`", keys: DEFAULT_KEYS },
    TableOutline { path: &["secrets"], title: "`[secrets]`", keys: SECRET_KEYS },
    TableOutline { path: &["target", ANY_NAME], title: "`[target.NAME]`", keys: TARGET_KEYS },
    TableOutline {
        path: &["target", ANY_NAME, "database", ANY_NAME],
        title: "`[target.NAME.database.NAME]`",
        keys: DATABASE_KEYS,
    },
    TableOutline {
        path: &["target", ANY_NAME, "revision"],
        title: "`[target.NAME.revision]`",
        keys: REVISION_KEYS,
    },
    TableOutline { path: &["mark"], title: "`[[mark]]`", keys: MARK_KEYS },
];

/// The top of a spec.
pub const SCENARIO_TABLE: TableOutline =
    TableOutline { path: &[], title: "the top of a spec", keys: SCENARIO_KEYS };

/// A step that uses a fragment.
pub const USE_TABLE: TableOutline = TableOutline { path: &["step"], title: "beside `use`", keys: USE_KEYS };

/// The top of a fragment.
pub const FRAGMENT_TABLE: TableOutline =
    TableOutline { path: &[], title: "the top of `shared/NAME.toml`", keys: FRAGMENT_KEYS };

impl TableOutline {
    /// Whether this is the table at a path that has names in it.
    pub fn stands_at<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.path.len() == path.len()
            && self.path.iter().zip(path).all(|(own, other)| *own == ANY_NAME || *own == other.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::KeyKind;

    #[test]
    fn every_table_of_a_project_file_has_its_outline() {
        for outline in PROJECT_TABLES {
            for key in outline.keys.iter().filter(|key| key.kind == KeyKind::Table) {
                let mut own: Vec<&str> = outline.path.to_vec();
                own.push(key.name);
                let mut named = own.clone();
                named.push("NAME");
                let is_known =
                    PROJECT_TABLES.iter().any(|other| other.stands_at(&own) || other.stands_at(&named));
                assert!(is_known, "{own:?} has no row in PROJECT_TABLES");
            }
        }
    }
}
