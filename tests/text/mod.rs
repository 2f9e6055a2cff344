//! Text that looks the same is the same wherever it is typed, sent, imported, searched or shown.

mod direction;
mod normalization;
mod passwords;
mod search;
mod single_names;

use serde_json::{Value, json};

use crate::support::{Answer, ApiClient};

/// "Jäger" in the two Unicode normalization forms.
const COMPOSED: &str = "J\u{e4}ger";
const DECOMPOSED: &str = "Ja\u{308}ger";

async fn create(api: &ApiClient, path: &str, kind: &str, attributes: Value) -> Answer {
    api.post(path, json!({ "data": { "type": kind, "attributes": attributes } })).await
}
