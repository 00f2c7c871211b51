//! What was typed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::exit_code;
use crate::expect::parse_duration;

/// Smoke tests for deployments: says "this deployment is good", or which layer is broken.
#[derive(Debug, Parser)]
#[command(
    name = "smokegate",
    version,
    about = "Smoke tests for deployments: says \"this deployment is good\", or which layer is broken",
    long_about = "Reads TOML specs and judges a live site over HTTP, in a headless browser (Chromium or Firefox) and in its database.\n\
                  The exit code says whether the deployment is good.",
    after_help = exit_code::render_help(),
    disable_help_subcommand = true,
    propagate_version = true
)]
pub(super) struct Arguments {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set; everywhere if `CLICOLOR_FORCE` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge a site: run specs against it
    Run(Box<RunArguments>),
    /// Say which layer of a site is broken, without any spec: harmless requests only
    Diagnose(DiagnoseArguments),
    /// Look around by hand: a browser with the target's headers and access, until it is closed
    Open(OpenArguments),
    /// Read and validate specs; nothing is sent
    Check(CheckArguments),
    /// List the scenarios that would run
    List(ListArguments),
    /// Say what a word of a spec, an exit code or a diagnosis means, with an example; all words where none is given
    Explain(ExplainArguments),
    /// Put specs and project files into canonical form; comments stay
    Fmt(FmtArguments),
    /// Print the JSON Schema of specs or of smokegate.toml, for editors
    Schema(SchemaArguments),
    /// Run the built-in specs against the built-in site, whole or with a fault
    Demo(DemoArguments),
    /// Look at a live site, and write a project file and first specs that pass there
    Init(InitArguments),
    /// Turn a curl command, a HAR file or a Hurl file into a spec
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArguments),
    /// Show which browsers and drivers are here, and install them
    Setup(SetupArguments),
    /// Print the completions of a shell
    Completions(CompletionsArguments),
    /// Print the man page
    Man,
    /// Start a driver, wait until standard input closes, then end the driver and its browser
    #[command(hide = true)]
    Guard {
        /// The driver to start
        program: PathBuf,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
pub(super) struct SelectArguments {
    /// Spec files and folders of them; `specs` where none is given
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<PathBuf>,
    /// Only scenarios with this tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Vec<String>,
    /// No scenarios with this tag; may be given several times
    #[arg(long, value_name = "TAG")]
    pub(super) skip_tag: Vec<String>,
    /// Only scenarios whose name or file matches this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(super) filter: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = exit_code::render_help())]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) select: SelectArguments,
    /// The target in smokegate.toml to judge
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// URL to test; overrides the target's. Also read from `SMOKEGATE_URL` or `STAGING_SERVER`. A host without scheme means http
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// The revision that the target must serve, on every worker; the target's `revision` says where it is read. Also read
    /// from `SMOKEGATE_REVISION`
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// Allow specs with `writes = true` on a --url that is neither a target of smokegate.toml nor a loopback address
    #[arg(long)]
    pub(super) allow_writes: bool,
    /// Scenarios to run in parallel [default: twice the CPU cores]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Write a report: jsonl=PATH, json=PATH or junit=PATH; `-` is standard output. May be given several times
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Folder for screenshots, and for the HTML and console of failed pages [default: `smokegate-artifacts` beside smokegate.toml, else here]
    #[arg(long, value_name = "DIR")]
    pub(super) artifacts: Option<PathBuf>,
    /// Save new or changed screenshots as the baselines that `screenshot` compares with
    #[arg(long)]
    pub(super) update_screens: bool,
    /// Exit with 1 also where a scenario passed only on a retry
    #[arg(long)]
    pub(super) fail_on_flaky: bool,
    #[command(flatten)]
    pub(super) browser: BrowserArguments,
    /// Show every step
    #[arg(long, short)]
    pub(super) verbose: bool,
}

/// Which browser, where, and who watches.
#[derive(Debug, Args)]
pub(super) struct BrowserArguments {
    /// The browser to use
    #[arg(long, value_name = "NAME")]
    pub(super) browser: Option<BrowserName>,
    /// Use a running WebDriver or Selenium Grid instead of starting a browser here. May be given several times; user and
    /// password may stand in the URL, https://USER:PASSWORD@HOST:PORT. Also read from `SMOKEGATE_WEBDRIVER`, separated
    /// by spaces. Of a download there only the name is known
    #[arg(long, value_name = "URL")]
    pub(super) webdriver: Vec<String>,
    /// Trust the certificates in this PEM file for `--webdriver`, beside the machine's own. Also read from
    /// `SMOKEGATE_WEBDRIVER_CA`
    #[arg(long, value_name = "FILE")]
    pub(super) webdriver_ca: Option<PathBuf>,
    /// Show the browser's window
    #[arg(long)]
    pub(super) headed: bool,
    /// Pause before each browser action, so that it can be watched, e.g. 300ms
    #[arg(long, value_name = "DURATION", value_parser = read_duration)]
    pub(super) slow_mo: Option<Duration>,
    /// After a browser step that does not pass, wait for Enter before going on (needs --headed and a terminal)
    #[arg(long)]
    pub(super) pause_on_failure: bool,
}

fn read_duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a duration such as 300ms or 1s".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct OpenArguments {
    /// A target in smokegate.toml, or a URL; a host without scheme means http
    #[arg(value_name = "URL|TARGET")]
    pub(super) place: String,
    /// The browser to use
    #[arg(long, value_name = "NAME")]
    pub(super) browser: Option<BrowserName>,
}

#[derive(Debug, Args)]
#[command(after_help = exit_code::render_help())]
pub(super) struct DiagnoseArguments {
    /// The site's URL; a host without scheme means http. Used with the access of the target that has it, if smokegate.toml
    /// names one
    #[arg(value_name = "URL")]
    pub(super) url: Option<String>,
    /// The target in smokegate.toml, here or above: its address, its access and its databases
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Reach this address whatever DNS says
    #[arg(long, value_name = "ADDRESS")]
    pub(super) resolve: Option<std::net::IpAddr>,
    /// Trust the certificates in this PEM file beside the machine's own; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Vec<PathBuf>,
    /// Write a report, as `smokegate run` does
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
}

/// The browsers that can be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BrowserName {
    /// Chromium or Chrome, through chromedriver
    Chromium,
    /// Firefox, through geckodriver
    Firefox,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Spec files and folders of them; `specs` where none is given
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub(super) select: SelectArguments,
    /// Print JSON, for programs
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Switch one fault of the site on, to see how it is found; `--fault list` shows them
    #[arg(long, value_name = "NAME")]
    pub(super) fault: Option<String>,
    /// The browser to use
    #[arg(long, value_name = "NAME")]
    pub(super) browser: Option<BrowserName>,
    /// Install a browser first, if there is none
    #[arg(long)]
    pub(super) install_browser: bool,
    /// Leave the site up afterwards, for trying things by hand
    #[arg(long)]
    pub(super) keep_running: bool,
    /// Write a report, as `smokegate run` does
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<String>,
    /// Show every step
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The site's URL; a host without scheme means http
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// Where smokegate.toml and specs/ are written
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Write over files that are there already
    #[arg(long)]
    pub(super) force: bool,
}

const IMPORT_HELP: &str = "\
The spec goes to standard output, or to the file after --out. What could not be carried over is told on
standard error. Secrets are left out: the spec asks for them by name, {{ secret.NAME }}.";

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Write the spec to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write over a file that is there already
    #[arg(long, global = true)]
    pub(super) force: bool,
    #[command(subcommand)]
    pub(super) format: ImportFormat,
}

/// What can be turned into a spec.
#[derive(Debug, Subcommand)]
pub(super) enum ImportFormat {
    /// Curl commands, as people and browsers write them
    Curl {
        /// A file with the commands; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// A HAR file, as a browser's network tools save it
    Har {
        /// The file; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// A Hurl file
    Hurl {
        /// The file; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct SetupArguments {
    /// Install a browser and its driver with the system's package manager; each command is shown before it runs
    #[arg(long)]
    pub(super) install: bool,
    /// The browser to install: Chromium where none is named
    #[arg(long, value_name = "NAME", requires = "install")]
    pub(super) browser: Option<BrowserName>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// A key, subject, property, predicate, locator, filter, exit code or diagnosis: `status`, `3`, `database.schema`
    #[arg(value_name = "WORD")]
    pub(super) word: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct FmtArguments {
    /// Files and folders of them; `specs`, and the smokegate.toml above it, where none is given
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<PathBuf>,
    /// Change nothing; name the files that are not in canonical form, and exit with 1 if there are any
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Of which files
    #[arg(value_name = "OF", default_value = "spec")]
    pub(super) of: SchemaKind,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// Specs
    Spec,
    /// smokegate.toml
    Project,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}
