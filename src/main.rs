//! The program: see `groupdesk --help`, and `groupdesk::cli`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    groupdesk::cli::run()
}
