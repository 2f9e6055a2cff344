//! Searching everything at once.

use sqlx::PgConnection;

use super::model::Hit;
use super::store;
use crate::kernel::text::cleaned;
use crate::platform::failure::Outcome;

/// Of one letter too much would be found; a sign of another script may be a word.
const SHORTEST: usize = 2;
/// No name is longer.
const LONGEST: usize = 255;

/// At most so many of each kind, the likeliest first.
pub async fn search_everything(connection: &mut PgConnection, text: &str, limit: usize) -> Outcome<Vec<Hit>> {
    let text = cleaned(text);
    let length = text.chars().count();
    if length > LONGEST || (length < SHORTEST && text.is_ascii()) || text.contains('\0') {
        return Ok(Vec::new());
    }
    let mut hits: Vec<Hit> = Vec::new();
    // The same thing may be found in several ways, of which the first is the likeliest.
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
