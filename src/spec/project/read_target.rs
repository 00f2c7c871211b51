//! Reads one target, what it extends included.

use url::Url;

use super::read::{Reading, refs};
use super::{DATABASE_KEYS, Database, REVISION_KEYS, Revision, TARGET_KEYS, Target, parse_base_url};
use crate::expect::{Family, Subject};
use crate::source::nearest;
use crate::spec::names::Names;
use crate::spec::node::{Entry, NodeValue};
use crate::spec::reader::Keys;
use crate::spec::template::{Scope, Template, ValueTemplate};

/// How an address of a database may begin.
const DATABASE_SCHEMES: [&str; 5] = ["mysql", "mariadb", "postgres", "postgresql", "sqlite"];

impl Reading<'_> {
    /// Reads a target whose keys were checked. One that others extend needs no address.
    pub(super) fn read_target(&mut self, entry: &Entry, is_extended: bool) -> Option<Target> {
        let NodeValue::Table(table) = &entry.node.value else { return None };
        let keys = self.reader.check_table(table, &refs(TARGET_KEYS), "in a target");
        let scope = self.scope();
        let writes_span = keys.entry("writes").map_or(entry.key_span, Entry::span);
        let target = Target {
            name: Some(entry.key.clone()),
            url: self.read_url(&keys, entry, &scope, is_extended),
            writes: keys.flag("writes").unwrap_or(false),
            writes_place: Some(self.reader.file.place(writes_span)),
            headers: self.render_fields(&keys.fields("headers"), &scope),
            basic_auth: keys
                .credentials("basic_auth")
                .map(|(user, password)| (self.render(&user, &scope), self.render(&password, &scope))),
            resolve: self.read_resolve(&keys, &scope),
            addresses: self.read_addresses(&keys, &scope),
            proxy: self.read_proxy(&keys, &scope),
            no_proxy: self.read_no_proxy(&keys),
            ca: self.read_ca(&keys, &scope),
            client_identity: self.read_client_identity(&keys, &scope),
            insecure: keys.flag("insecure").unwrap_or(false),
            revision: self.read_revision(&keys, &scope),
            databases: self.read_databases(&keys, &scope),
            vars: self.read_vars(&keys),
        };
        self.check_proxy_and_resolve(&keys, &target);
        Some(target)
    }

    fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        scope.set_table("env", self.environment.variables());
        scope.set_table(
            "secret",
            self.names.secrets.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        scope
    }

    pub(super) fn render(&mut self, template: &Template, scope: &Scope) -> String {
        template.render(scope).unwrap_or_else(|error| {
            self.reader.problem(template.span(), error.message);
            String::new()
        })
    }

    fn render_fields(
        &mut self,
        fields: &[(Template, ValueTemplate)],
        scope: &Scope,
    ) -> Vec<(String, String)> {
        let mut rendered = Vec::new();
        for (name, value) in fields {
            match value.render(scope) {
                Ok(value) => rendered.push((name.source().to_owned(), value.to_text())),
                Err(error) => self.reader.problem(name.span(), error.message),
            }
        }
        rendered
    }

    fn read_url(&mut self, keys: &Keys, entry: &Entry, scope: &Scope, is_extended: bool) -> Option<Url> {
        let Some(template) = keys.template("url") else {
            if !is_extended {
                let message = format!("the target `{}` needs its address", entry.key);
                let help = "write it there: url = \"https://...\"";
                self.reader.problem_with_help(entry.key_span, message, help);
            }
            return None;
        };
        let text = self.render(&template, scope);
        match parse_base_url(&text) {
            Ok(url) => Some(url),
            // What a template gave may be a secret.
            Err(_) if template.is_dynamic() => {
                self.reader.problem(template.span(), "this does not become an http or https address");
                None
            }
            Err(reason) => {
                self.reader.problem(template.span(), reason);
                None
            }
        }
    }

    fn read_revision(&mut self, keys: &Keys, scope: &Scope) -> Option<Revision> {
        let table = keys.table("revision")?;
        let keys = self.reader.check_table(table, &refs(REVISION_KEYS), "in `revision`");
        let (Some(get), Some(from), Some(entry)) =
            (keys.template("get"), keys.name("from"), keys.entry("from"))
        else {
            if keys.entry("get").is_none() || keys.entry("from").is_none() {
                let message = "`revision` needs an address and what in its answer is the revision";
                let help = "write both: revision = { get = \"/version\", from = \"json.$.sha\" }";
                self.reader.problem_with_help(table.span, message, help);
            }
            return None;
        };
        let get = self.render(&get, scope);
        let expected = keys.template("expected").map(|expected| self.render(&expected, scope));
        // An environment that does not know the revision leaves it empty.
        let expected = expected.filter(|expected| !expected.trim().is_empty());
        match Subject::parse(from) {
            Ok(from)
                if families_of(&from).iter().any(|family| matches!(family, Family::Http | Family::Html)) =>
            {
                Some(Revision { get, from, expected })
            }
            Ok(_) => {
                let message = format!("`{from}` cannot be observed by an HTTP request");
                self.reader.problem(entry.node.span, message);
                None
            }
            Err(error) => {
                self.reader.unknown(entry.node.span, error.message, from, error.nearest.as_deref());
                None
            }
        }
    }

    /// Variables, checked in their order: each may use those before it.
    fn read_vars(&mut self, keys: &Keys) -> Vec<(String, ValueTemplate)> {
        let entries = keys.table("vars").map(|table| table.entries.clone()).unwrap_or_default();
        let mut names = Names::new(self.environment, []);
        for entry in &entries {
            names.check_node(&mut self.reader, &entry.node);
            if !names.define(&entry.key) {
                let message = format!("`{}` is the name of something that is always there", entry.key);
                self.reader.problem_with_help(entry.key_span, message, "give it another name");
            }
        }
        self.names.secrets.extend(names.secrets);
        entries.into_iter().map(|entry| (entry.key.clone(), entry.node.to_template())).collect()
    }

    fn read_databases(&mut self, keys: &Keys, scope: &Scope) -> Vec<Database> {
        let entries = keys.table("database").map(|table| table.entries.clone()).unwrap_or_default();
        entries.iter().filter_map(|entry| self.read_database(entry, scope)).collect()
    }

    fn read_database(&mut self, entry: &Entry, scope: &Scope) -> Option<Database> {
        let NodeValue::Table(table) = &entry.node.value else {
            let message = format!("a database is a table: [target.NAME.database.{}]", entry.key);
            self.reader.problem(entry.node.span, message);
            return None;
        };
        let keys = self.reader.check_table(table, &refs(DATABASE_KEYS), "in a database");
        let Some(template) = keys.template("url") else {
            if table.get("url").is_none() {
                let message = format!("the database `{}` needs its address", entry.key);
                let help = "write it there: url = \"postgres://...\"";
                self.reader.problem_with_help(entry.key_span, message, help);
            }
            return None;
        };
        let url = self.render(&template, scope);
        // As SQLAlchemy writes it, `mysql+pymysql:`, the scheme names a driver too.
        let scheme = url.split([':', '+']).next().unwrap_or("");
        if !DATABASE_SCHEMES.contains(&scheme) {
            let known = "expected mysql:// mariadb:// postgres:// or sqlite:";
            let message = format!("this is not the address of a database: {known}");
            let meant = (!template.is_dynamic()).then(|| nearest(scheme, DATABASE_SCHEMES)).flatten();
            self.reader.unknown(template.span(), message, scheme, meant);
        }
        Some(Database {
            name: entry.key.clone(),
            url,
            writable: keys.flag("writable").unwrap_or(false),
            folder: self.reader.file.folder().to_owned(),
        })
    }
}

fn families_of(subject: &Subject) -> &'static [Family] {
    let property = match subject {
        Subject::Element(_, property) => Some(property),
        _ => None,
    };
    subject.definition().families_with(property)
}
