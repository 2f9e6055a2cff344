//! The program; see `groupdesk --help` and `groupdesk::cli`.

use std::process::ExitCode;

use groupdesk::platform::assets::Site;
use rust_embed::RustEmbed;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The files of `script/site`, here and not in the library: a new style costs a link and no compilation.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Files;

fn main() -> ExitCode {
    groupdesk::cli::run(Site::embedded(Files))
}
