//! What an operation is called with: who acts, when, in which request, and the proof that they may.
//!
//! The privilege is a type parameter, so a signature says what it takes and a face that forgot to
//! check does not compile. Only the doors make a `Call`: `api/bearer.rs`, `ui/session.rs`, `cli`, and
//! `resources/imports/worker.rs` for what one of these has let in before.

use std::fmt;
use std::marker::PhantomData;

use axum::http::Extensions;
use chrono::{DateTime, Utc};

use crate::kernel::actor::Actor;

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
    privilege: PhantomData<Privilege>,
}

impl<Privilege> Call<Privilege> {
    /// For the doors alone: says that the privilege was checked.
    pub const fn granted(actor: Actor, now: DateTime<Utc>, request_id: Option<RequestId>) -> Self {
        Self { actor, now, request_id, privilege: PhantomData }
    }

    pub fn request_id_text(&self) -> Option<&str> {
        self.request_id.as_ref().map(RequestId::as_str)
    }
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

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
