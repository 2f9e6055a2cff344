//! The valid tokens that this process has seen, so that most requests do not ask the database for their token.
//!
//! A revoked token is refused by every process within a second. The database notifies of each change of a token (migration
//! `token_changes`), and a connection that was lost silently delivers no notification. So tokens are used only if the
//! listening connection has answered a heartbeat that was sent less than [`TRUST`] ago: Postgres sends the notification of a
//! change before the answer to any later statement. Otherwise each request asks the database.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Acquire as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::sync::lock;
use crate::kernel::actor::Actor;
use crate::kernel::id::TokenId;
use crate::kernel::problem::Privilege;
use crate::platform::db::is_read_only;
use crate::platform::db::listen::{DATABASE_TIMEOUT, keep_listening, listener};

const CHANNEL: &str = "groupdesk_tokens";
const TRUST: Duration = Duration::from_millis(600);
/// The interval of heartbeats while requests arrive. An idle process sends none.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(200);
/// Only valid tokens are stored, so the number grows with the tokens of the installation and not with what clients send.
const MAX_TOKENS: usize = 10_000;

#[derive(Debug, Clone)]
pub struct KnownToken {
    pub id: TokenId,
    pub actor: Actor,
    pub grants: Vec<Privilege>,
    /// At other times the database is asked, because the token has expired, or because its use is to be recorded.
    pub usable: Range<DateTime<Utc>>,
}

#[derive(Clone, Default)]
pub struct TokenCache(Arc<Inner>);

#[derive(Default)]
struct Inner {
    known: Mutex<Known>,
    /// Permits the next heartbeat.
    requested: Notify,
}

#[derive(Default)]
struct Known {
    /// By the SHA-256 hash of their text.
    tokens: HashMap<Vec<u8>, KnownToken>,
    generation: Generation,
    trusted_until: Option<Instant>,
}

/// The number of changes so far. What the database returned is stored only if there was no change since it was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Generation(u64);

impl TokenCache {
    /// The token with this hash. Otherwise ask the database and pass the generation to [`Self::store`].
    pub fn get(&self, hash: &[u8], now: DateTime<Utc>) -> Result<KnownToken, Generation> {
        self.0.requested.notify_one();
        let known = lock(&self.0.known);
        let is_trusted = known.trusted_until.is_some_and(|until| Instant::now() < until);
        let token = known.tokens.get(hash).filter(|token| is_trusted && token.usable.contains(&now));
        token.cloned().ok_or(known.generation)
    }

    pub fn store(&self, hash: Vec<u8>, token: KnownToken, asked: Generation) {
        let mut known = lock(&self.0.known);
        if known.generation != asked {
            return;
        }
        if known.tokens.len() >= MAX_TOKENS {
            known.tokens.clear();
        }
        known.tokens.insert(hash, token);
    }

    /// `payload`: the id of a token, or anything else for all.
    fn forget(&self, payload: &str) {
        let mut known = lock(&self.0.known);
        known.generation.0 += 1;
        match Uuid::try_parse(payload).map(TokenId::new) {
            Ok(id) => known.tokens.retain(|_, token| token.id != id),
            Err(_) => known.tokens.clear(),
        }
    }

    /// Ends the trust in all tokens, until the next heartbeat.
    fn reset(&self) {
        let mut known = lock(&self.0.known);
        *known = Known { generation: Generation(known.generation.0 + 1), ..Known::default() };
    }

    fn trust(&self, sent: Instant) {
        lock(&self.0.known).trusted_until = Some(sent + TRUST);
    }

    /// `options`: past a pooler, which delivers no notifications.
    pub async fn listen(self, options: PgConnectOptions) {
        keep_listening(CHANNEL, || self.listen_once(&options)).await;
    }

    async fn listen_once(&self, options: &PgConnectOptions) -> sqlx::Result<()> {
        let mut listener = listener(options.clone(), "groupdesk tokens", CHANNEL).await?;
        // A server may run before the migrations (`--no-migrate`).
        let is_notified = "SELECT to_regproc('groupdesk.notify_token_change') IS NOT NULL";
        if !sqlx::query_scalar(is_notified).fetch_one(&mut listener).await? {
            return Err(sqlx::Error::Configuration("migrations are missing".into()));
        }
        // Changes before this moment were not notified.
        let _connected = Connected::new(self);
        let mut next_heartbeat = Instant::now();
        loop {
            let requested = async {
                sleep_until(next_heartbeat).await;
                self.0.requested.notified().await;
            };
            tokio::select! {
                received = listener.try_recv() => {
                    let Some(change) = received? else { return Ok(()) };
                    self.forget(change.payload());
                }
                () = requested => {
                    let sent = Instant::now();
                    let heartbeat = async { is_read_only((&mut listener).acquire().await?).await };
                    let is_read_only =
                        timeout(DATABASE_TIMEOUT, heartbeat).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                    while let Some(change) = listener.next_buffered() {
                        self.forget(change.payload());
                    }
                    // After a failover, tokens change at another server than a read-only one.
                    if !is_read_only {
                        self.trust(sent);
                    }
                    next_heartbeat = sent + HEARTBEAT_INTERVAL;
                }
            }
        }
    }
}

/// A listening connection. The cache starts empty with it, and is not used after it, even if listening is cancelled.
struct Connected<'a>(&'a TokenCache);

impl<'a> Connected<'a> {
    fn new(cache: &'a TokenCache) -> Self {
        cache.reset();
        Self(cache)
    }
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::Source;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    /// Usable from second 0 to 60.
    fn token(number: u128) -> KnownToken {
        KnownToken {
            id: TokenId::new(Uuid::from_u128(number)),
            actor: Actor { person: None, source: Source::Api, token_name: None },
            grants: vec![Privilege::Read],
            usable: at(0)..at(60),
        }
    }

    fn hash(number: u128) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    /// The generation of a request that asks the database for this token.
    fn ask(cache: &TokenCache, number: u128) -> Generation {
        cache.get(&hash(number), at(1)).expect_err("the token is cached")
    }

    /// A trusted cache with the tokens 1 and 2.
    fn cache() -> TokenCache {
        let cache = TokenCache::default();
        for number in [1, 2] {
            cache.store(hash(number), token(number), ask(&cache, number));
        }
        cache.trust(Instant::now());
        cache
    }

    fn is_cached(cache: &TokenCache, number: u128) -> bool {
        cache.get(&hash(number), at(1)).is_ok()
    }

    #[test]
    fn changed_token_is_forgotten_and_others_are_not() {
        let cache = cache();
        cache.forget(&Uuid::from_u128(1).to_string());
        assert!(!is_cached(&cache, 1) && is_cached(&cache, 2));
        cache.forget("*");
        assert!(!is_cached(&cache, 2));
    }

    /// The database may have answered before the change that was notified first.
    #[test]
    fn answer_from_before_a_change_is_not_stored() {
        let change = |cache: &TokenCache| cache.forget(&Uuid::from_u128(3).to_string());
        for interruption in [change, TokenCache::reset] {
            let cache = cache();
            let asked = ask(&cache, 3);
            interruption(&cache);
            cache.store(hash(3), token(3), asked);
            cache.trust(Instant::now());
            assert!(!is_cached(&cache, 3));
            cache.store(hash(3), token(3), ask(&cache, 3));
            assert!(is_cached(&cache, 3));
        }
    }

    #[test]
    fn tokens_are_used_only_shortly_after_a_heartbeat() {
        let cache = cache();
        cache.trust(Instant::now().checked_sub(TRUST).unwrap());
        assert!(!is_cached(&cache, 1));
        cache.trust(Instant::now());
        assert!(is_cached(&cache, 1));
        cache.reset();
        assert!(!is_cached(&cache, 1));
    }

    #[test]
    fn lost_connection_empties_the_cache() {
        let cache = cache();
        drop(Connected::new(&cache));
        cache.trust(Instant::now());
        assert!(!is_cached(&cache, 1));
    }

    #[test]
    fn expired_token_is_not_used() {
        let cache = cache();
        for (second, is_known) in [(-1, false), (0, true), (59, true), (60, false)] {
            assert_eq!(cache.get(&hash(1), at(second)).is_ok(), is_known, "{second}");
        }
    }

    #[test]
    fn number_of_tokens_is_bounded() {
        let cache = cache();
        for number in 3..=u128::try_from(MAX_TOKENS).unwrap() + 1 {
            cache.store(hash(number), token(number), ask(&cache, number));
        }
        assert_eq!(lock(&cache.0.known).tokens.len(), 1);
    }
}
