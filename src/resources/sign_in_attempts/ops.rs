//! Charging and refunding attempts.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{Attempt, Bucket};
use super::{rules, store};
use crate::kernel::problem::Problem;
use crate::kernel::recency::CLOCKS_DIFFER;
use crate::platform::failure::Outcome;
use crate::platform::secret;

/// A charged attempt, which permits checking one password.
pub struct Charged(Vec<store::Debit>);

/// The caller commits before the password is checked. Fails with `TriedTooOften`; the caller then rolls back, because the
/// attempt is not charged.
pub async fn sign_in_attempt_charge(
    connection: &mut PgConnection,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Outcome<Charged> {
    let mut buckets: Vec<(Vec<u8>, Bucket)> =
        rules::buckets(attempt).into_iter().map(|bucket| (secret::hash(&bucket.key), bucket)).collect();
    // A fixed order of locks avoids deadlocks.
    buckets.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let keys: Vec<Vec<u8>> = buckets.iter().map(|(key, _)| key.clone()).collect();
    let arrival_times = store::lock(connection, &keys, now).await?;

    let mut debits = Vec::with_capacity(buckets.len());
    let mut wait = TimeDelta::zero();
    for (key, Bucket { allowance, .. }) in buckets {
        let arrival_time = arrival_times.get(&key).copied().unwrap_or(now);
        match rules::charge(arrival_time, allowance, now) {
            Ok(arrival_time) => debits.push(store::Debit { key, arrival_time, cost: allowance.every }),
            Err(longer) => wait = wait.max(longer),
        }
    }
    if wait > TimeDelta::zero() {
        let milliseconds = u32::try_from(wait.num_milliseconds()).unwrap_or(u32::MAX);
        return Err(Problem::TriedTooOften { seconds: milliseconds.div_ceil(1000) }.into());
    }
    store::charge(connection, &debits).await?;
    Ok(Charged(debits))
}

pub async fn sign_in_attempt_refund(connection: &mut PgConnection, charged: Charged) -> Outcome<()> {
    store::refund(connection, &charged.0).await
}

/// Deletes restored allowances, and those that were written while a clock was wrong.
pub async fn sign_in_attempts_delete_expired(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Outcome<()> {
    store::delete_expired(connection, now, rules::latest(now) + CLOCKS_DIFFER).await
}
