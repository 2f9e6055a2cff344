//! The context of an operation: who acts, when, in which request, and the proof that they may. The privilege is a type
//! parameter, so a caller that forgot the check does not compile. Only entry points make a `Call`:
//! `registry/authenticate.rs`, `ui/server/session.rs`, `cli`, and `resources/imports/worker.rs` for imports that one of
//! these has admitted.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::{fmt, mem};

use axum::http::Extensions;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::metrics;
use super::sync::lock;
use crate::kernel::actor::{Actor, ChangeNote, Source};
use crate::kernel::id::ChangeSetId;

/// May change groups, workspaces, people and enrollments.
pub struct Write;
/// May only name the creator of an enrollment.
pub struct Attribute;
pub struct WriteAndAttribute;
/// May do everything, including the management of operators and tokens.
pub struct Administer;
/// May change their own account, as every signed-in operator may.
pub struct SelfService;

/// `A: Includes<B>`: the privilege A includes the privilege B.
pub trait Includes<Privilege>: Send + Sync {}
impl Includes<Write> for Write {}
impl Includes<Attribute> for Attribute {}
impl Includes<Write> for WriteAndAttribute {}
impl Includes<Attribute> for WriteAndAttribute {}
impl Includes<Write> for Administer {}
impl Includes<Attribute> for Administer {}
impl Includes<Administer> for Administer {}

pub struct Call<Privilege> {
    pub actor: Actor,
    pub now: DateTime<Utc>,
    /// `None` on the command line.
    pub request_id: Option<RequestId>,
    /// Everything that this call changes is one change set.
    pub change_set: ChangeSetId,
    pub note: ChangeNote,
    pub pending_metrics: PendingMetrics,
    privilege: PhantomData<Privilege>,
}

impl<Privilege> Call<Privilege> {
    /// Only for entry points, which call this after checking the privilege.
    pub fn granted(actor: Actor, now: DateTime<Utc>, request_id: Option<RequestId>) -> Self {
        let pending_metrics = PendingMetrics::of(actor.source);
        let change_set = new_change_set(request_id.as_ref());
        let note = ChangeNote::default();
        Self { actor, now, request_id, change_set, note, pending_metrics, privilege: PhantomData }
    }

    /// What this note says takes precedence over an earlier one.
    #[must_use]
    pub fn with_note(self, note: ChangeNote) -> Self {
        Self { note: note.or(self.note), ..self }
    }

    /// [`Self::with_note`] for a borrowed call.
    #[must_use]
    pub fn noting(&self, note: &ChangeNote) -> Self {
        let call = Self {
            actor: self.actor.clone(),
            now: self.now,
            request_id: self.request_id.clone(),
            change_set: self.change_set,
            note: self.note.clone(),
            pending_metrics: self.pending_metrics.clone(),
            privilege: PhantomData,
        };
        call.with_note(note.clone())
    }

    /// Continues a change set that an earlier call began.
    #[must_use]
    pub fn in_change_set(self, change_set: ChangeSetId) -> Self {
        Self { change_set, ..self }
    }

    /// Counts the changes of this call together with those of other calls in the same request.
    #[must_use]
    pub fn counted_with(self, metrics: &PendingMetrics) -> Self {
        Self { pending_metrics: metrics.clone(), ..self }
    }

    pub fn request_id_text(&self) -> Option<&str> {
        self.request_id.as_ref().map(RequestId::as_str)
    }
}

/// A random id, which begins like that of the request: one index finds the events of either
/// ([`RequestId::change_sets`]). A client may send several requests with one id, and each has its own change set.
pub fn new_change_set(request_id: Option<&RequestId>) -> ChangeSetId {
    let prefix = request_id.and_then(RequestId::prefix).unwrap_or_else(rand::random);
    ChangeSetId::new(Uuid::from_u64_pair(prefix, rand::random()))
}

/// The changes of a transaction, which the metrics count only after the commit.
#[derive(Debug, Clone)]
pub struct PendingMetrics {
    source: Source,
    pending: Arc<Mutex<Pending>>,
}

#[derive(Debug, Default)]
struct Pending {
    /// Actions in the words of the log, and how often each was done.
    changes: Vec<(&'static str, u64)>,
    /// The public ids of rows that were created or given a unique value. Answers do not refer to them before the
    /// commit, because after a rollback they do not exist or lack the value.
    made: Vec<Uuid>,
}

impl PendingMetrics {
    pub fn of(source: Source) -> Self {
        Self { source, pending: Arc::default() }
    }

    pub fn add(&self, action: &'static str, count: usize) {
        lock(&self.pending).changes.push((action, count as u64));
    }

    pub fn add_made(&self, ids: impl IntoIterator<Item = Uuid>) {
        lock(&self.pending).made.extend(ids);
    }

    pub fn take_made(&self) -> Vec<Uuid> {
        mem::take(&mut lock(&self.pending).made)
    }

    pub fn flush(&self) {
        for (action, count) in mem::take(&mut *lock(&self.pending)).changes {
            metrics::changed(action, self.source.into_str(), count);
        }
    }

    pub fn discard(&self) {
        *lock(&self.pending) = Pending::default();
    }
}

/// 32 hexadecimal digits that identify a request in its answer, in the log and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub(super) String);

impl RequestId {
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    /// The id of a request, or a new one if the request did not pass the tracing middleware.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(Self::random)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn prefix(&self) -> Option<u64> {
        u64::from_str_radix(self.0.get(..16)?, 16).ok()
    }

    /// The first and the last id of a change set of the request with this id; `None` if no request has such an id.
    pub fn change_sets(text: &str) -> Option<(ChangeSetId, ChangeSetId)> {
        let prefix = Self(text.to_owned()).prefix()?;
        let id = |rest| ChangeSetId::new(Uuid::from_u64_pair(prefix, rest));
        Some((id(u64::MIN), id(u64::MAX)))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
