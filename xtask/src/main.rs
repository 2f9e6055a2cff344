//! Build steps that need a Rust library, because no prebuilt program exists. `script/site` runs them.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: xtask bindgen INPUT.wasm OUTPUT-FOLDER NAME";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["bindgen", input, folder, name] => bindgen(Path::new(input), Path::new(folder), name),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[expect(clippy::print_stderr, reason = "a command reports its failure there")]
            {
                eprintln!("xtask: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Writes `NAME.js`, the module that a page imports, and `NAME_bg.wasm` into the folder.
///
/// The page passes the address of the WebAssembly itself, because the address contains a version;
/// the default address is left out of the module.
fn bindgen(input: &Path, folder: &Path, name: &str) -> Result<(), String> {
    Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(folder)
        })
        .map_err(|error| format!("could not generate the bindings of {}: {error:#}", input.display()))
}
