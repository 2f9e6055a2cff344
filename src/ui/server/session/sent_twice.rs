//! A form that is sent twice, as by a double click, is performed once.
//!
//! A browser shows the answer of the last form that it sent and throws the others away: what they did would
//! stand there unseen, a token whose secret nobody read among it, or a removal without its "Undo". So each form
//! whose second answer would differ from the first holds a key that its page made up. What a change did
//! is kept under it, in the change's own transaction, and is the answer to the second form as well. It may hold a
//! secret: it is sealed with the form's key, of which the database keeps a hash alone.
//!
//! A page may also be left open, or be gone back to, and its form be sent again on purpose. That is performed: where
//! what the first form did is not so any more, or, where that cannot be looked up at a glance, where its answer was
//! read.

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::kernel::id::OperatorId;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::sealed;
use crate::resources::idempotency_keys::model::{Found, KEPT_FOR, KeptAnswer, Request as Asked};
use crate::resources::idempotency_keys::ops::{key_await, key_keep};
use crate::ui::flash::Notice;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::changes::Changed;
use crate::ui::server::session::submitted_form::SubmittedForm;
use crate::ui::viewer::FORM_KEY;

/// How long an answer is kept that holds a secret, or that tells of something else than a creation: long enough for
/// a second click, and for a form that is sent again since its answer was lost on the way.
pub(super) const SHORTLY: TimeDelta = TimeDelta::minutes(5);

/// The same form is still being performed, for longer than one waits for it.
pub(super) struct StillPerformed;

/// A form that has a key.
#[derive(Clone)]
pub struct SentForm {
    key: String,
    /// The SHA-256 of where it was sent to and all that it holds.
    content: Vec<u8>,
}

impl SentForm {
    /// `None`: it has no key.
    fn of(path: &str, body: &[u8]) -> Option<Self> {
        let mut fields = form_urlencoded::parse(body);
        let (_, key) = fields.find(|(name, value)| name == FORM_KEY && !value.is_empty())?;
        let content = Sha256::new().chain_update(path).chain_update(b"\n").chain_update(body);
        Some(Self { key: key.into_owned(), content: content.finalize().to_vec() })
    }

    /// Under what its answer is kept, if this operator sent it.
    pub(super) fn asked(&self, operator: OperatorId, now: DateTime<Utc>) -> Asked {
        Asked::of_form(operator, &self.content, now)
    }
}

/// Reads the key of a form, and what it says about itself. Inside of what limits how long a form may take to come in.
pub async fn with_form_key(request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST && request.uri().path().starts_with(paths::FUNCTIONS);
    if !is_form {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // As a server function would refuse it: too much, or broken off.
    let body = match Request::from_parts(parts.clone(), body).extract::<Bytes, _>().await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(visit) = parts.extensions.get_mut::<RequestContext>() {
        visit.form = SentForm::of(parts.uri.path(), &body);
        visit.submitted = SubmittedForm::parse(parts.uri.path(), &body).into();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// What is kept as the answer to this form. Waits while the form is being performed.
pub(super) async fn answer_find<T: DeserializeOwned>(
    connection: &mut PgConnection,
    form: &SentForm,
    asked: &Asked,
) -> Outcome<Option<T>> {
    Ok(match key_await(connection, asked).await? {
        Found::Answered(kept) => {
            // What another version of the program kept, and this one cannot read, is not there.
            let answer = sealed::open(&form.key, &kept.body);
            answer.and_then(|answer| serde_json::from_slice(&answer).ok())
        }
        Found::Nothing | Found::Running | Found::OfAnotherRequest => None,
    })
}

pub(super) async fn answer_keep<T: Serialize>(
    connection: &mut PgConnection,
    form: &SentForm,
    asked: &Asked,
    answer: &T,
    kept_for: TimeDelta,
) -> Outcome<()> {
    let body = sealed::seal(&form.key, &serde_json::to_vec(answer).map_err(Failure::fault)?)?;
    let answer = KeptAnswer { status: 303, headers: Vec::new(), body };
    key_keep(connection, asked, &answer, kept_for).await
}

impl RequestContext {
    pub(super) fn asked(&self) -> Option<(&SentForm, Asked)> {
        let (form, operator) = (self.form.as_ref()?, self.operator.as_ref()?);
        Some((form, form.asked(operator.id, self.now)))
    }

    /// What the answer to the form is called that was sent, if that has a key.
    pub(super) fn answer_name(&self) -> Option<String> {
        self.asked().map(|(_, asked)| asked.key.as_str().to_owned())
    }

    /// What the same form did before, where that is the answer to this one, too. Waits for a form that is being
    /// performed.
    pub(super) async fn answered_before(
        &self,
        connection: &mut PgConnection,
    ) -> Outcome<Result<Option<Changed>, StillPerformed>> {
        let Some((form, asked)) = self.asked() else { return Ok(Ok(None)) };
        let found: Option<Changed> = match answer_find(connection, form, &asked).await {
            // It was waited for as long as a statement may take.
            Err(failure @ Failure::Conflict(_)) if !failure.is_retryable() => {
                return Ok(Err(StillPerformed));
            }
            found => found?,
        };
        let Some(changed) = found else { return Ok(Ok(None)) };
        let is_answer = match self.is_still_so(connection, &changed.notice).await? {
            Some(is_still_so) => is_still_so,
            None => !self.is_read(asked.key.as_str()).await?,
        };
        Ok(Ok(is_answer.then_some(changed)))
    }

    pub(super) async fn keep_answer(&self, connection: &mut PgConnection, changed: &Changed) -> Outcome<()> {
        let Some((form, asked)) = self.asked() else { return Ok(()) };
        answer_keep(connection, form, &asked, changed, kept_for(&changed.notice)).await
    }
}

fn kept_for(notice: &Notice) -> TimeDelta {
    if notice.creates() { KEPT_FOR } else { SHORTLY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_key_is_none() {
        assert!(SentForm::of("/api/fn/group-create", b"form_key=k&name=EMEA").is_some());
        for body in ["", "name=EMEA", "form_key=&name=EMEA", "form_key&name=EMEA"] {
            assert!(SentForm::of("/api/fn/group-create", body.as_bytes()).is_none(), "{body}");
        }
    }
}
