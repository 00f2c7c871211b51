//! `smokegate init`: looks at a live site and writes a project file and first specs that pass there.

use crate::cli::args::InitArguments;
use crate::cli::env::{Surroundings, print_error, print_line, print_note};
use crate::cli::exit_code;
use crate::cli::init::{FILES, NewFile, look_at_site};
use crate::cli::new_file::write_new;
use crate::cli::options::{Refused, load, refuse};
use crate::spec::project::parse_base_url;

/// Runs the command; gives back the exit code.
pub(in crate::cli) async fn init(arguments: &InitArguments, surroundings: &Surroundings) -> u8 {
    begin(arguments, surroundings).await.map_or_else(|refused| refused.0, |()| exit_code::PASSED)
}

async fn begin(arguments: &InitArguments, surroundings: &Surroundings) -> Result<(), Refused> {
    let url = parse_base_url(&arguments.url).map_err(|reason| refuse(&reason))?;
    refuse_existing(arguments)?;
    let (files, told) = look_at_site(url).await.map_err(|reason| refuse_site(&arguments.url, &reason))?;
    for line in told {
        print_note(&line);
    }
    write_all(&files, arguments)?;
    // What was written must be good: a mistake of ours is told here, and not at the first run.
    load(&[arguments.dir.join("specs")], surroundings)?;
    let folder = arguments.dir.display();
    if arguments.dir == std::path::Path::new(".") {
        print_line("run them with: smokegate run");
    } else {
        print_line(&format!("run them with: smokegate run {folder}/specs"));
    }
    Ok(())
}

/// Nothing is sent where nothing could be written.
fn refuse_existing(arguments: &InitArguments) -> Result<(), Refused> {
    let existing: Vec<String> = FILES
        .iter()
        .map(|file| arguments.dir.join(file))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if arguments.force || existing.is_empty() {
        return Ok(());
    }
    let verb = if existing.len() == 1 { "is" } else { "are" };
    Err(refuse(&format!("{} {verb} there already: --force writes over them", existing.join(", "))))
}

fn refuse_site(url: &str, reason: &str) -> Refused {
    print_error(&format!("{url} cannot be looked at: {reason}"));
    print_note(
        "init needs a site that is up and good: the specs that it writes say that it stays as it is now",
    );
    Refused(exit_code::ERRORED)
}

fn write_all(files: &[NewFile], arguments: &InitArguments) -> Result<(), Refused> {
    for file in files {
        let path = arguments.dir.join(&file.path);
        write_new(&path, &file.text, arguments.force)?;
        print_line(&format!("{}: {}", path.display(), file.purpose));
    }
    Ok(())
}
