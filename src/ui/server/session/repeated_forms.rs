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
use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::kernel::id::OperatorId;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::secret;
use crate::resources::api_tokens::ops::api_token_find;
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_get_many};
use crate::resources::idempotency_keys::model::{KeyState, Request as AnswerKey, StoredResponse, VALID_FOR};
use crate::resources::idempotency_keys::ops::{key_await, key_store};
use crate::resources::operators::ops::operator_of_link;
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::flash::Notice;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::changes::Changed;
use crate::ui::server::session::submitted_form::SubmittedForm;
use crate::ui::viewer::FORM_KEY;

/// How long answers are stored that contain a secret or are not about a creation. It is long enough for a second click,
/// and for a form that is sent again because its answer was lost.
pub(super) const SHORT_LIFE: TimeDelta = TimeDelta::minutes(5);

pub(super) enum Earlier {
    Nothing,
    Answer(Changed),
    /// Waiting for it took too long.
    StillPerformed,
}

#[derive(Clone)]
pub struct SentForm {
    key: String,
    /// The SHA-256 of its target and content.
    content: Vec<u8>,
}

impl SentForm {
    fn of(path: &str, body: &[u8]) -> Option<Self> {
        let mut fields = form_urlencoded::parse(body);
        let (_, key) = fields.find(|(name, value)| name == FORM_KEY && !value.is_empty())?;
        let content = Sha256::new().chain_update(path).chain_update(b"\n").chain_update(body);
        Some(Self { key: key.into_owned(), content: content.finalize().to_vec() })
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

impl RequestContext {
    /// The form if it has a key, with the key of its stored answer if this operator sent it.
    pub(super) fn form_of(&self, operator: OperatorId) -> Option<(&SentForm, AnswerKey)> {
        let form = self.form.as_ref()?;
        Some((form, AnswerKey::of_form(operator, &form.content, self.viewer.now)))
    }

    /// The name of the answer to this form, if it has a key.
    pub(super) fn answer_name(&self) -> Option<String> {
        let (_, key) = self.form_of(self.viewer.operator.as_ref()?.id)?;
        Some(key.key.as_str().to_owned())
    }

    /// The answer to the same form, if this operator sent it before. Waits while it is being performed.
    pub(super) async fn answer_find<T: DeserializeOwned>(
        &self,
        connection: &mut Connection,
        operator: OperatorId,
    ) -> Outcome<Option<T>> {
        let Some((form, key)) = self.form_of(operator) else { return Ok(None) };
        Ok(match key_await(connection, &key).await? {
            KeyState::Answered(stored) => {
                // An answer that another version of the program wrote in another format counts as absent.
                let answer = secret::open(&form.key, &stored.body);
                answer.and_then(|answer| serde_json::from_slice(&answer).ok())
            }
            KeyState::Unused | KeyState::Running | KeyState::OfAnotherRequest => None,
        })
    }

    /// Stores the answer to this form, if it has a key, for a second one of this operator.
    pub(super) async fn answer_store<T: Serialize>(
        &self,
        connection: &mut Connection,
        operator: OperatorId,
        answer: &T,
        lives: TimeDelta,
    ) -> Outcome<()> {
        let Some((form, key)) = self.form_of(operator) else { return Ok(()) };
        let body = secret::seal(&form.key, &serde_json::to_vec(answer).map_err(Failure::fault)?)?;
        let answer = StoredResponse { status: 303, headers: Vec::new(), body };
        key_store(connection, &key, &answer, lives).await
    }

    pub(super) async fn earlier_answer(
        &self,
        connection: &mut Connection,
        operator: OperatorId,
    ) -> Outcome<Earlier> {
        let Some(name) = self.answer_name() else { return Ok(Earlier::Nothing) };
        let answer: Option<Changed> = match self.answer_find(connection, operator).await {
            // The statement timeout ended the wait.
            Err(failure @ Failure::Conflict(_)) if !failure.is_retryable() => {
                return Ok(Earlier::StillPerformed);
            }
            answer => answer?,
        };
        let Some(changed) = answer else { return Ok(Earlier::Nothing) };
        let is_valid = match self.still_holds(connection, &changed.notice).await {
            // The result no longer exists.
            Err(Failure::Problem(_)) => false,
            holds => match holds? {
                Some(holds) => holds,
                None => !self.is_read(&name).await?,
            },
        };
        Ok(if is_valid { Earlier::Answer(changed) } else { Earlier::Nothing })
    }

    /// Whether the result of an earlier form still exists. `None`: this does not decide whether the form is performed
    /// again.
    async fn still_holds(&self, connection: &mut Connection, notice: &Notice) -> Outcome<Option<bool>> {
        Ok(Some(if let Notice::TokenCreated { text, .. } = notice {
            api_token_find(connection, &text.0, self.viewer.now).await?.is_some()
        } else if let Notice::OperatorInvited { link, .. } | Notice::LinkCreated { link, .. } = notice {
            let secret = link.0.rsplit('/').next().unwrap_or_default();
            operator_of_link(connection, &self.anonymous(), secret).await?;
            true
        } else if let Notice::GroupCreated { group, .. } = notice {
            group_get(connection, group.id, false).await?.group.deleted_at.is_none()
        } else if let Notice::WorkspaceCreated { workspace } = notice {
            workspace_get(connection, workspace.id).await?.deleted_at.is_none()
        } else if let Notice::PersonCreated { person } = notice {
            person_get(connection, person.id).await?;
            true
        } else if let Notice::GroupRenamed { to, .. } = notice {
            group_get(connection, to.id, false).await?.group.name == to.name
        } else if let Notice::EnrolledMany { enrollments, .. } = notice {
            let found = enrollment_get_many(connection, enrollments, EnrollmentInclude::default()).await?;
            !found.is_empty() && found.iter().all(|item| item.enrollment.deleted_at.is_none())
        } else if let Notice::GroupEmptied { emptying, .. } = notice {
            enrollment_count(connection, &EnrollmentFilter::in_group(emptying.group)).await? == 0
        } else {
            let is_final = matches!(
                notice,
                Notice::RemovedMany { .. } | Notice::PersonDeleted { .. } | Notice::ImportCancelled
            );
            return Ok(is_final.then_some(true));
        }))
    }
}

/// How long the answer to a change is stored. That to a creation is stored as long as that of the API, unless it
/// contains a secret.
pub(super) fn life_of(notice: &Notice) -> TimeDelta {
    let is_creation = matches!(
        notice,
        Notice::GroupCreated { .. } | Notice::WorkspaceCreated { .. } | Notice::PersonCreated { .. }
    );
    if is_creation { VALID_FOR } else { SHORT_LIFE }
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
