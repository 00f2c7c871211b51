//! smokegate: smoke tests for deployments.

fn main() -> std::process::ExitCode {
    smokegate::cli::main()
}
