//! Charging and refunding attempts.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::Attempt;
use super::{rules, store};
use crate::kernel::problem::Problem;
use crate::kernel::recency::MAX_CLOCK_SKEW;
use crate::platform::failure::Outcome;
use crate::platform::secret;

/// A charged attempt, which permits checking one password.
pub struct Charged {
    keys: Vec<Vec<u8>>,
    /// In seconds.
    costs: Vec<i64>,
}

/// The caller commits before the password is checked. Fails with `TriedTooOften`; the caller then rolls back, because the
/// attempt is not charged.
pub async fn sign_in_attempt_charge(
    connection: &mut PgConnection,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Outcome<Charged> {
    let buckets = rules::buckets(attempt);
    let keys: Vec<Vec<u8>> = buckets.iter().map(|(name, _)| secret::hash(name)).collect();
    let before = store::lock(connection, &keys, now).await?;
    let charged: Vec<_> = keys
        .iter()
        .zip(&buckets)
        .map(|(key, (_, allowance))| rules::charge(before.get(key).copied().unwrap_or(now), *allowance, now))
        .collect();
    if let Some(wait) = charged.iter().filter_map(|result| result.err()).max() {
        let milliseconds = u32::try_from(wait.num_milliseconds()).unwrap_or(u32::MAX);
        return Err(Problem::TriedTooOften { seconds: milliseconds.div_ceil(1000) }.into());
    }
    let after: Vec<_> = charged.into_iter().flatten().collect();
    store::charge(connection, &keys, &after).await?;
    let costs = buckets.iter().map(|(_, allowance)| allowance.every.num_seconds()).collect();
    Ok(Charged { keys, costs })
}

pub async fn sign_in_attempt_refund(connection: &mut PgConnection, charged: Charged) -> Outcome<()> {
    store::refund(connection, &charged.keys, &charged.costs).await
}

/// Deletes restored allowances, and those that were written while a clock was wrong.
pub async fn sign_in_attempts_delete_expired(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Outcome<()> {
    store::delete_expired(connection, now, rules::latest(now) + MAX_CLOCK_SKEW).await
}
