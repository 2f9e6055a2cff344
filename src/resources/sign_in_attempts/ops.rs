//! Charging an attempt, and giving back.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{Attempt, Bucket};
use super::{rules, store};
use crate::kernel::problem::Problem;
use crate::kernel::recency::CLOCKS_DIFFER;
use crate::platform::failure::Outcome;
use crate::platform::secret;

/// An attempt that was charged: the licence to look at one password.
pub struct Charged(Vec<store::Charge>);

/// Commit it before the password is looked at.
///
/// # Errors
/// `TriedTooOften`; then roll back, since nothing is to be charged.
pub async fn sign_in_attempt_charge(
    connection: &mut PgConnection,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Outcome<Charged> {
    let mut buckets: Vec<(Vec<u8>, Bucket)> =
        rules::buckets(attempt).into_iter().map(|bucket| (secret::hash(&bucket.key), bucket)).collect();
    // Rows are locked in this order by everybody.
    buckets.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let keys: Vec<Vec<u8>> = buckets.iter().map(|(key, _)| key.clone()).collect();
    let settled = store::hold(connection, &keys, now).await?;

    let mut charges = Vec::with_capacity(buckets.len());
    let mut wait = TimeDelta::zero();
    for (key, Bucket { allowance, .. }) in buckets {
        let settled_at = settled.iter().find(|held| held.key == key).map_or(now, |held| held.settled_at);
        match rules::charge(settled_at, allowance, now) {
            Ok(settled_at) => charges.push(store::Charge { key, settled_at, cost: allowance.every }),
            Err(longer) => wait = wait.max(longer),
        }
    }
    if wait > TimeDelta::zero() {
        let milliseconds = u32::try_from(wait.num_milliseconds()).unwrap_or(u32::MAX);
        return Err(Problem::TriedTooOften { seconds: milliseconds.div_ceil(1000) }.into());
    }
    store::charge(connection, &charges).await?;
    Ok(Charged(charges))
}

/// The password was right.
pub async fn sign_in_attempt_give_back(connection: &mut PgConnection, charged: Charged) -> Outcome<()> {
    store::give_back(connection, &charged.0).await
}

/// Forgets what has come back, and what was written while a clock was wrong.
pub async fn sign_in_attempts_sweep(connection: &mut PgConnection, now: DateTime<Utc>) -> Outcome<()> {
    store::sweep(connection, now, rules::latest(now) + CLOCKS_DIFFER).await
}
