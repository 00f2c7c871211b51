//! Whatever a spec or a project file says, reading it ends soon, with scenarios or with problems that can be shown.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use smokegate::source::{SourceFile, render_diagnostics};
use smokegate::spec::project::{Project, read_project};
use smokegate::spec::{Environment, load_sources};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // No file lies beside it: what it names is looked for in a folder that is not there.
    let file = Arc::new(SourceFile::new("fuzz.toml", "/nonexistent/fuzz.toml", text.to_owned()));
    let environment = Environment::default();
    if let Err(problems) =
        load_sources(std::slice::from_ref(&file), Project::default(), &environment, Vec::new())
    {
        assert!(!problems.is_empty() && !render_diagnostics(&problems, false).is_empty());
    }
    if let Err(problems) = read_project(&file, &environment) {
        assert!(!problems.is_empty() && !render_diagnostics(&problems, true).is_empty());
    }
});
