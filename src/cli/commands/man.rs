//! `smokegate man`: the man page, with a section for each command.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::cli::args::Arguments;
use crate::cli::env::{print_error, print_line};
use crate::cli::exit_code;

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn man() -> u8 {
    match render_page() {
        Ok(page) => {
            print_line(String::from_utf8_lossy(&page).trim_end());
            exit_code::PASSED
        }
        Err(error) => {
            print_error(&format!("the man page cannot be written: {error}"));
            exit_code::ERRORED
        }
    }
}

fn render_page() -> io::Result<Vec<u8>> {
    let command = Arguments::command();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        render_command(inner, &mut page)?;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A section with the synopsis of one command, what it is for, and its options.
fn render_command(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_name();
    page.extend_from_slice(format!(".SH COMMAND {}\n", name.to_uppercase()).as_bytes());
    let man = Man::new(command.clone().bin_name(format!("smokegate {name}")));
    for section in
        [Man::render_synopsis_section, Man::render_description_section, Man::render_options_section]
    {
        let mut text = Vec::new();
        section(&man, &mut text)?;
        page.extend_from_slice(String::from_utf8_lossy(&text).replace(".SH ", ".SS ").as_bytes());
    }
    Ok(())
}
