//! What an operation is called with: who acts, when, in which request, and the proof that they may.
//!
//! The privilege is a type parameter, so a signature says what it takes and a face that forgot to
//! check does not compile. Only the doors make a `Call`: `api/auth.rs`, `ui/server/session.rs`, `cli`, and
//! `resources/imports/worker.rs` for what one of these has let in before.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::Extensions;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::metrics;
use crate::kernel::actor::{Actor, Source};

/// May run the flows.
#[derive(Debug, Clone, Copy)]
pub struct Write;
/// May say in whose name an enrollment stands, and run no flow.
#[derive(Debug, Clone, Copy)]
pub struct Attribute;
/// May run the flows, and say in whose name an enrollment stands.
#[derive(Debug, Clone, Copy)]
pub struct WriteAndAttribute;
/// May do all there is, also make operators and tokens.
#[derive(Debug, Clone, Copy)]
pub struct Administer;

/// May change what is their own: anybody who is signed in.
#[derive(Debug, Clone, Copy)]
pub struct Own;

/// `A: Includes<B>`: who may A may B.
pub trait Includes<Privilege>: Send + Sync {}
impl Includes<Write> for Write {}
impl Includes<Attribute> for Attribute {}
impl Includes<Write> for WriteAndAttribute {}
impl Includes<Attribute> for WriteAndAttribute {}
impl Includes<Write> for Administer {}
impl Includes<Attribute> for Administer {}
impl Includes<Administer> for Administer {}

#[derive(Debug, Clone)]
pub struct Call<Privilege> {
    pub actor: Actor,
    /// The moment at which all of this call happens.
    pub now: DateTime<Utc>,
    /// `None` on the command line, where there is no request.
    pub request_id: Option<RequestId>,
    pub tally: PendingMetrics,
    privilege: PhantomData<Privilege>,
}

impl<Privilege> Call<Privilege> {
    /// For the doors alone: says that the privilege was checked.
    pub fn granted(actor: Actor, now: DateTime<Utc>, request_id: Option<RequestId>) -> Self {
        let tally = PendingMetrics::of(actor.source);
        Self { actor, now, request_id, tally, privilege: PhantomData }
    }

    /// The same call, whose changes are counted where those of others are: one request may be many.
    #[must_use]
    pub fn tallied_in(self, tally: &PendingMetrics) -> Self {
        Self { tally: tally.clone(), ..self }
    }

    pub fn request_id_text(&self) -> Option<&str> {
        self.request_id.as_ref().map(RequestId::as_str)
    }
}

/// What was changed. The metrics count it once it is committed, and not before.
#[derive(Debug, Clone)]
pub struct PendingMetrics {
    source: Source,
    /// What was done, in the log's words, and how often.
    changes: Arc<Mutex<Vec<(&'static str, u64)>>>,
    /// The public ids of what was made, or was given a value that one alone can have. Until the commit nobody is led
    /// to one of these: after a rollback it is not there, or does not have the value.
    made: Arc<Mutex<Vec<Uuid>>>,
}

impl PendingMetrics {
    pub fn of(source: Source) -> Self {
        Self { source, changes: Arc::default(), made: Arc::default() }
    }

    pub fn add(&self, action: &'static str, count: usize) {
        self.changes().push((action, u64::try_from(count).unwrap_or(u64::MAX)));
    }

    /// These were made, or were given a value that one alone can have.
    pub fn add_made(&self, ids: impl IntoIterator<Item = Uuid>) {
        lock(&self.made).extend(ids);
    }

    /// What was added by [`Self::add_made`] since this was asked last.
    pub fn take_made(&self) -> Vec<Uuid> {
        std::mem::take(&mut *lock(&self.made))
    }

    /// It was committed.
    pub fn tell(&self) {
        self.take_made();
        for (action, count) in self.changes().drain(..) {
            metrics::changed(action, self.source.word(), count);
        }
    }

    /// It was rolled back.
    pub fn forget(&self) {
        self.take_made();
        self.changes().clear();
    }

    fn changes(&self) -> MutexGuard<'_, Vec<(&'static str, u64)>> {
        lock(&self.changes)
    }
}

/// A panic while it is held leaves nothing half done.
fn lock<T>(list: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 32 hexadecimal digits that name one request in its answer, in the log and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// The id that a request was given, or one of its own where it came around the place that gives
    /// them.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(Self::random)
    }

    /// The same digits as the trace that the request is.
    pub const fn of_trace(id: String) -> Self {
        Self(id)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
