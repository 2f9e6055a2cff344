//! The program: see `groupdesk --help`, and `groupdesk::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    groupdesk::cli::run()
}
