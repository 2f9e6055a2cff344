//! Search across all nouns.

use sqlx::PgConnection;

use super::model::Hit;
use super::store;
use crate::kernel::text::cleaned;
use crate::platform::failure::Outcome;

/// One ASCII letter matches too much; one character of another script may be a word.
const MIN_ASCII_LENGTH: usize = 2;
/// The longest name has this length, so a longer text matches nothing.
const MAX_LENGTH: usize = 255;

/// The best hits, at most `limit` of each kind.
pub async fn search_everything(connection: &mut PgConnection, text: &str, limit: usize) -> Outcome<Vec<Hit>> {
    let text = cleaned(text);
    let length = text.chars().count();
    if length > MAX_LENGTH || (length < MIN_ASCII_LENGTH && text.is_ascii()) || text.contains('\0') {
        return Ok(Vec::new());
    }
    let mut hits: Vec<Hit> = Vec::new();
    // A row can match in several ways, and its first match is the best.
    for hit in store::search(connection, &text, limit).await? {
        let of_kind = hits.iter().filter(|known| known.kind == hit.kind);
        let is_known = of_kind.clone().any(|known| known.id == hit.id);
        if !is_known && of_kind.count() < limit {
            hits.push(hit);
        }
    }
    hits.sort_by_key(|hit| (hit.rank, hit.kind));
    Ok(hits)
}
