//! `smokegate import`: a curl command, a HAR file or a Hurl file into a spec.

use std::io::Read as _;
use std::path::Path;

use crate::cli::args::{ImportArguments, ImportFormat};
use crate::cli::env::{print_note, print_text};
use crate::cli::exit_code;
use crate::cli::import::{Imported, Source, import_text, write_spec};
use crate::cli::new_file::write_new;
use crate::cli::options::{Refused, refuse};

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn import(arguments: &ImportArguments) -> u8 {
    translate(arguments).map_or_else(|refused| refused.0, |()| exit_code::PASSED)
}

fn translate(arguments: &ImportArguments) -> Result<(), Refused> {
    let (source, file) = match &arguments.format {
        ImportFormat::Curl { file } => (Source::Curl, file),
        ImportFormat::Har { file } => (Source::Har, file),
        ImportFormat::Hurl { file } => (Source::Hurl, file),
    };
    let shown = file.display();
    let (text, folder) = read(file)?;
    let imported =
        import_text(source, &text, folder).map_err(|error| refuse(&format!("{shown}: {error}")))?;
    let spec = write_spec(&imported.spec);
    match arguments.out.as_deref() {
        Some(out) => write_new(out, &spec, arguments.force)?,
        None => print_text(&spec),
    }
    tell(&imported, &shown.to_string(), arguments.out.as_deref());
    Ok(())
}

fn read(file: &Path) -> Result<(String, &Path), Refused> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| refuse(&format!("standard input cannot be read: {error}")))?;
        return Ok((text, Path::new("")));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|error| refuse(&format!("{} cannot be read: {error}", file.display())))?;
    Ok((text, file.parent().unwrap_or(Path::new(""))))
}

/// Says what could not be carried over, which secrets the spec asks for, and how to run it.
fn tell(imported: &Imported, file: &str, out: Option<&Path>) {
    let mut notes = imported.notes.clone();
    notes.sort();
    notes.dedup();
    for note in &notes {
        let place = if note.line > 0 { format!("{file}:{}", note.line) } else { file.to_owned() };
        print_note(&format!("{place}: {}", note.message));
    }
    if !imported.secrets.is_empty() {
        print_note("the spec asks the environment for these secrets; a file named by NAME_FILE will do too:");
        for name in &imported.secrets {
            print_note(&format!("  {name}"));
        }
    }
    if let (Some(origin), Some(out)) = (&imported.origin, out) {
        print_note(&format!("run it with: smokegate run {} --url {origin}", out.display()));
    }
}
