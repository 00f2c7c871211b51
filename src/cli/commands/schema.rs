//! `smokegate schema`: the JSON Schema of specs or of the project file.

use crate::cli::args::{SchemaArguments, SchemaKind};
use crate::cli::env::print_line;
use crate::cli::exit_code;
use crate::spec::{build_project_schema, build_spec_schema};

/// Runs the command; gives back the exit code.
pub(in crate::cli) fn schema(arguments: &SchemaArguments) -> u8 {
    let schema = match arguments.of {
        SchemaKind::Spec => build_spec_schema(),
        SchemaKind::Project => build_project_schema(),
    };
    print_line(&format!("{schema:#}"));
    exit_code::PASSED
}
