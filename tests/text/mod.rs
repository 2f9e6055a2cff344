//! Text that looks the same is the same, wherever it is typed, sent, imported, searched or shown.

mod direction;
mod finding;
mod one_name;
mod passwords;
mod sameness;

use serde_json::{Value, json};

use crate::support::{Answer, Machine};

/// "Jäger" in Unicode's two forms.
const COMPOSED: &str = "J\u{e4}ger";
const DECOMPOSED: &str = "Ja\u{308}ger";

async fn made(machine: &Machine, path: &str, kind: &str, attributes: Value) -> Answer {
    machine.post(path, json!({ "data": { "type": kind, "attributes": attributes } })).await
}
