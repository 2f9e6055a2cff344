//! Performs a form that is sent twice, for example by a double click, once.
//!
//! A browser shows the answer to the last form that it sent. The answers to earlier ones would be lost, for example a
//! token whose secret nobody has read, or a removal with its "Undo". So forms contain a key that their page generated. The
//! answer is stored under the key in the transaction of the change, and answers the second form as well. Because it may
//! contain a secret, it is encrypted with the key of the form, of which the database has a hash only.
//!
//! A form that is sent again on purpose, after going back or from a page that was left open, is performed again if the
//! result of the first one no longer exists or, where that cannot be looked up cheaply, if its answer was read.

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

use crate::kernel::id::OperatorId;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::sealed;
use crate::resources::idempotency_keys::model::{KeyState, Request as AnswerKey, StoredResponse, VALID_FOR};
use crate::resources::idempotency_keys::ops::{key_await, key_store};
use crate::ui::flash::Notice;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::changes::Changed;
use crate::ui::server::session::submitted_form::SubmittedForm;
use crate::ui::viewer::FORM_KEY;

/// How long answers are stored that contain a secret or are not about a creation. It is long enough for a second click,
/// and for a form that is sent again because its answer was lost.
pub(super) const SHORT_LIFE: TimeDelta = TimeDelta::minutes(5);

/// Waiting for the same form took too long.
pub(super) struct StillPerformed;

/// A form with a key.
#[derive(Clone)]
pub struct SentForm {
    key: String,
    /// The SHA-256 of its target and content.
    content: Vec<u8>,
}

impl SentForm {
    /// `None` without a key.
    fn of(path: &str, body: &[u8]) -> Option<Self> {
        let mut fields = form_urlencoded::parse(body);
        let (_, key) = fields.find(|(name, value)| name == FORM_KEY && !value.is_empty())?;
        let content = Sha256::new().chain_update(path).chain_update(b"\n").chain_update(body);
        Some(Self { key: key.into_owned(), content: content.finalize().to_vec() })
    }

    /// The key of its stored answer, if this operator sent it.
    pub(super) fn request(&self, operator: OperatorId, now: DateTime<Utc>) -> AnswerKey {
        AnswerKey::of_form(operator, &self.content, now)
    }
}

/// The middleware that reads forms. It must be inside of the layer that limits how long a body may take.
pub async fn with_form_key(request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST && request.uri().path().starts_with(paths::FUNCTIONS);
    if !is_form {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // Refused as by a server function: too large, or interrupted.
    let body = match Request::from_parts(parts.clone(), body).extract::<Bytes, _>().await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(context) = parts.extensions.get_mut::<RequestContext>() {
        context.form = SentForm::of(parts.uri.path(), &body);
        context.submitted = SubmittedForm::parse(parts.uri.path(), &body).into();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// The stored answer to this form. Waits while the form is being performed.
pub(super) async fn answer_find<T: DeserializeOwned>(
    connection: &mut Connection,
    form: &SentForm,
    key: &AnswerKey,
) -> Outcome<Option<T>> {
    Ok(match key_await(connection, key).await? {
        KeyState::Answered(stored) => {
            // An answer that another version of the program wrote in another format counts as absent.
            let answer = sealed::open(&form.key, &stored.body);
            answer.and_then(|answer| serde_json::from_slice(&answer).ok())
        }
        KeyState::Unused | KeyState::Running | KeyState::OfAnotherRequest => None,
    })
}

pub(super) async fn answer_store<T: Serialize>(
    connection: &mut Connection,
    form: &SentForm,
    key: &AnswerKey,
    answer: &T,
    kept_for: TimeDelta,
) -> Outcome<()> {
    let body = sealed::seal(&form.key, &serde_json::to_vec(answer).map_err(Failure::fault)?)?;
    let answer = StoredResponse { status: 303, headers: Vec::new(), body };
    key_store(connection, key, &answer, kept_for).await
}

impl RequestContext {
    pub(super) fn form_request(&self) -> Option<(&SentForm, AnswerKey)> {
        let (form, operator) = (self.form.as_ref()?, self.viewer.operator.as_ref()?);
        Some((form, form.request(operator.id, self.viewer.now)))
    }

    /// The name of the answer to this form, if it has a key.
    pub(super) fn answer_name(&self) -> Option<String> {
        self.form_request().map(|(_, key)| key.key.as_str().to_owned())
    }

    /// The answer to an earlier form that was the same. Waits for one that is being performed.
    pub(super) async fn earlier_answer(
        &self,
        connection: &mut Connection,
    ) -> Outcome<Result<Option<Changed>, StillPerformed>> {
        let Some((form, key)) = self.form_request() else { return Ok(Ok(None)) };
        let found: Option<Changed> = match answer_find(connection, form, &key).await {
            // The statement timeout ended the wait.
            Err(failure @ Failure::Conflict(_)) if !failure.is_retryable() => {
                return Ok(Err(StillPerformed));
            }
            found => found?,
        };
        let Some(changed) = found else { return Ok(Ok(None)) };
        let is_answer = match self.still_holds(connection, &changed.notice).await? {
            Some(still_holds) => still_holds,
            None => !self.is_read(key.key.as_str()).await?,
        };
        Ok(Ok(is_answer.then_some(changed)))
    }

    pub(super) async fn store_answer(&self, connection: &mut Connection, changed: &Changed) -> Outcome<()> {
        let Some((form, key)) = self.form_request() else { return Ok(()) };
        answer_store(connection, form, &key, changed, kept_for(&changed.notice)).await
    }
}

fn kept_for(notice: &Notice) -> TimeDelta {
    if notice.creates() { VALID_FOR } else { SHORT_LIFE }
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
