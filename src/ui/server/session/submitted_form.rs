//! A form that was sent to a server function: its page, the text that is restored after a refusal, and its answer. A form
//! that is sent twice, for example by a double click, is performed once.
//!
//! A browser shows the answer to the last form that it sent. The answers to earlier ones would be lost, for example a
//! token whose secret nobody has read, or a removal with its "Undo". So forms contain a key that their page generated. The
//! answer is stored under the key in the transaction of the change, and answers the second form as well. Because it may
//! contain a secret, it is encrypted with the key of the form, of which the database has a hash only.
//!
//! A form that is sent again on purpose, after going back or from a page that was left open, is performed again if the
//! result of the first one no longer exists or, where that cannot be looked up cheaply, if its answer was read.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use axum::RequestExt as _;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::kernel::actor::ChangeNote;
use crate::kernel::id::OperatorId;
use crate::kernel::problem::Problem;
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
use crate::ui::server::session::{Changed, RequestContext};
use crate::ui::viewer::{BACK, FORM_AT, FORM_KEY};

/// Long enough for a second click, and for a form that is sent again because its answer was lost.
pub(super) const SHORT_LIFE: TimeDelta = TimeDelta::minutes(5);

/// The fields of a note.
const REASON: &str = "reason";
const REFERENCE: &str = "reference";

/// Empty for a request that is not a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SubmittedForm {
    key: String,
    /// The SHA-256 of its target and content.
    content: Vec<u8>,
    form_at: String,
    back: String,
    pub(super) typed: BTreeMap<String, String>,
    path: String,
    /// Everything but the key and the note.
    fields: Vec<(String, String)>,
}

/// A form that a group has refused because it had no reason, which a page sends again with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingForm {
    /// Identifies the form in the address of the page.
    pub key: String,
    pub at: DateTime<Utc>,
    pub group_name: String,
    pub action: String,
    pub form_at: String,
    pub reference: String,
    pub fields: Vec<(String, String)>,
}

impl SubmittedForm {
    /// `path`: of the server function; `body`: as browsers encode forms.
    pub(super) fn parse(path: &str, body: &[u8]) -> Self {
        let function = path.rsplit('/').next().unwrap_or_default();
        let content = Sha256::new().chain_update(path).chain_update(b"\n").chain_update(body);
        let mut form =
            Self { content: content.finalize().to_vec(), path: path.to_owned(), ..Self::default() };
        for (name, value) in form_urlencoded::parse(body) {
            if ![FORM_KEY, REASON, REFERENCE].contains(&&*name) {
                form.fields.push((name.to_string(), value.to_string()));
            }
            // Each value of a list has a name such as `scopes[0]` or `scopes[]`.
            let name = name.split('[').next().unwrap_or_default();
            match name {
                FORM_KEY if form.key.is_empty() => form.key = value.into_owned(),
                FORM_AT => form.form_at = value.into_owned(),
                BACK => form.back = value.into_owned(),
                name if is_restored(function, name) => {
                    // The values of a list are restored as lines.
                    let typed = form.typed.entry(name.to_owned());
                    typed
                        .and_modify(|text| text.extend(["\n", &*value]))
                        .or_insert_with(|| value.to_string());
                }
                _ => {}
            }
        }
        form
    }

    pub(super) fn key(&self) -> Option<&str> {
        (!self.key.is_empty()).then_some(&*self.key)
    }

    /// What the form says about the change.
    pub(super) fn note(&self) -> Result<ChangeNote, Problem> {
        let text = |name| self.typed.get(name).map_or("", String::as_str);
        ChangeNote::parse(text(REASON), text(REFERENCE))
    }

    /// The form with what is typed in it, for the page that asks for a reason.
    pub(super) fn pending(&self, form_at: &str, group_name: String, at: DateTime<Utc>) -> PendingForm {
        PendingForm {
            key: secret::random_text(),
            at,
            group_name,
            action: self.path.clone(),
            form_at: form_at.to_owned(),
            reference: self.typed.get(REFERENCE).cloned().unwrap_or_default(),
            fields: self.fields.clone(),
        }
    }

    /// Whether the form has the fields of a note.
    pub(super) fn has_note(&self) -> bool {
        self.typed.contains_key(REASON)
    }

    /// The address that a refused form leads back to. Empty if the form has none.
    pub(super) fn form_at(&self) -> &str {
        if self.form_at.is_empty() { &self.back } else { &self.form_at }
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
        context.form = SubmittedForm::parse(parts.uri.path(), &body).into();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Secrets are never restored, nor are hidden values, which the page fills in again.
fn is_restored(function: &str, field: &str) -> bool {
    match field {
        "password" | "old" | "new" | "secret" | FORM_KEY | FORM_AT | BACK | "next" | "cookies"
        | "username" | "group" | "workspace" | "enrollment" | "enrollments" | "import" | "operator"
        | "session" | "token" | "count" | "at" | "request" | "confirmed" | "change_set" | "history"
        | "plan" | "as_of" | "keep" | "to" | "removals" => false,
        "person" => !matches!(function, "attribution-correct" | "person-update" | "person-delete"),
        "role" => function != "operator-set-role",
        _ => true,
    }
}

impl RequestContext {
    /// The key of the form, if it has one, and that of its stored answer if this operator sent it.
    pub(super) fn form_keys(&self, operator: OperatorId) -> Option<(&str, AnswerKey)> {
        let key = self.form.key()?;
        Some((key, AnswerKey::of_form(operator, &self.form.content, self.viewer.now)))
    }

    pub(super) fn answer_name(&self) -> Option<String> {
        let (_, key) = self.form_keys(self.viewer.operator.as_ref()?.id)?;
        Some(key.key.as_str().to_owned())
    }

    /// The answer to the same form, if this operator sent it before. Waits while it is being performed.
    pub(super) async fn answer_find<T: DeserializeOwned>(
        &self,
        connection: &mut Connection,
        operator: OperatorId,
    ) -> Outcome<Option<T>> {
        let Some((form_key, key)) = self.form_keys(operator) else { return Ok(None) };
        Ok(match key_await(connection, &key).await? {
            KeyState::Answered(stored) => {
                // An answer that another version of the program wrote in another format counts as absent.
                let answer = secret::open(form_key, &stored.body);
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
        let Some((form_key, key)) = self.form_keys(operator) else { return Ok(()) };
        let body = secret::seal(form_key, &serde_json::to_vec(answer).map_err(Failure::fault)?)?;
        let answer = StoredResponse { status: 303, headers: Vec::new(), body };
        key_store(connection, &key, &answer, lives).await
    }

    /// Breaks with the answer to the same form, or with `None` if waiting for it took too long.
    pub(super) async fn earlier_answer(
        &self,
        connection: &mut Connection,
        operator: OperatorId,
    ) -> Outcome<ControlFlow<Option<Changed>>> {
        let Some(name) = self.answer_name() else { return Ok(ControlFlow::Continue(())) };
        let answer: Option<Changed> = match self.answer_find(connection, operator).await {
            // The statement timeout ended the wait.
            Err(failure @ Failure::Conflict(_)) if !failure.is_retryable() => {
                return Ok(ControlFlow::Break(None));
            }
            answer => answer?,
        };
        let Some(changed) = answer else { return Ok(ControlFlow::Continue(())) };
        let is_valid = match self.still_holds(connection, &changed.notice).await {
            Err(Failure::Problem(_)) => false,
            holds => match holds? {
                Some(holds) => holds,
                None => !self.read_answers().await?.contains(&name),
            },
        };
        Ok(if is_valid { ControlFlow::Break(Some(changed)) } else { ControlFlow::Continue(()) })
    }

    /// Whether the effect of an earlier form still holds, so that its answer is still correct; `None` if the effect is
    /// not checked. A `Problem` means that it no longer holds.
    async fn still_holds(&self, connection: &mut Connection, notice: &Notice) -> Outcome<Option<bool>> {
        Ok(Some(if let Notice::TokenCreated { text, .. } = notice {
            api_token_find(connection, &text.0, self.viewer.now).await?.is_some()
        } else if let Notice::OperatorInvited { link, .. } | Notice::LinkCreated { link, .. } = notice {
            let secret = link.0.rsplit('/').next().unwrap_or_default();
            operator_of_link(connection, &self.anonymous(), secret).await?;
            true
        } else if let Notice::GroupCreated { group, .. } = notice {
            group_get(connection, group.id, false).await?.group.is_live()
        } else if let Notice::WorkspaceCreated { workspace } = notice {
            workspace_get(connection, workspace.id).await?.is_live()
        } else if let Notice::PersonCreated { person } = notice {
            person_get(connection, person.id).await?;
            true
        } else if let Notice::GroupRenamed { to, .. } = notice {
            group_get(connection, to.id, false).await?.group.name == to.name
        } else if let Notice::EnrolledMany { enrollments, .. } = notice {
            let found = enrollment_get_many(connection, enrollments, EnrollmentInclude::default()).await?;
            !found.is_empty() && found.iter().all(|item| item.enrollment.is_live())
        } else if let Notice::GroupEmptied { emptying, .. } = notice {
            enrollment_count(connection, &EnrollmentFilter::in_group(emptying.group)).await? == 0
        } else {
            let is_final = matches!(
                notice,
                Notice::RemovedMany { .. }
                    | Notice::RemovedMatching { .. }
                    | Notice::EnrolledMatching { .. }
                    | Notice::Moved { .. }
                    | Notice::Restored { .. }
                    | Notice::PersonDeleted { .. }
                    | Notice::ImportCancelled
            );
            return Ok(is_final.then_some(true));
        }))
    }
}

/// The answer to a creation is stored as long as that of the API, unless it contains a secret.
pub(super) fn life_of(notice: &Notice) -> TimeDelta {
    let is_creation = matches!(
        notice,
        Notice::GroupCreated { .. } | Notice::WorkspaceCreated { .. } | Notice::PersonCreated { .. }
    );
    if is_creation { VALID_FOR } else { SHORT_LIFE }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn typed(path: &str, body: &str) -> Vec<(String, String)> {
        SubmittedForm::parse(path, body.as_bytes()).typed.into_iter().collect()
    }

    #[test]
    fn text_is_restored_and_hidden_values_are_not() {
        let body = "form_key=k&form_at=%2Fa&group=g&name=A+b&picked%5B%5D=x&picked%5B%5D=y";
        let form = SubmittedForm::parse("/api/fn/group-create", body.as_bytes());
        assert_eq!(form.form_at(), "/a");
        let expected = [("name", "A b"), ("picked", "x\ny")].map(|(name, text)| (name.into(), text.into()));
        assert_eq!(form.typed, expected.into());
        assert_eq!(typed("/api/fn/operator-set-role", "role=admin"), []);
        assert_eq!(typed("/api/fn/operator-invite", "role=admin").len(), 1);
        assert_eq!(SubmittedForm::parse("/", b"back=%2Fb").form_at(), "/b");
    }

    #[test]
    fn an_empty_key_is_none() {
        let key = |body: &str| {
            SubmittedForm::parse("/api/fn/group-create", body.as_bytes()).key().map(ToOwned::to_owned)
        };
        assert_eq!(key("form_key=k&name=EMEA").as_deref(), Some("k"));
        for body in ["", "name=EMEA", "form_key=&name=EMEA", "form_key&name=EMEA"] {
            assert_eq!(key(body), None, "{body}");
        }
    }

    /// All `.rs` files of the pages.
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn no_password_is_restored() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"), &mut files);
        let mut passwords = 0;
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            let html = text.match_indices(concat!("type=", "\"password\""));
            for (at, _) in html.chain(text.match_indices(concat!("kind=", "\"password\""))) {
                let tag = &text[text[..at].rfind('<').unwrap()..];
                let tag = tag.split("/>").next().unwrap();
                let name = tag.split("name=\"").nth(1).expect("a literal name").split('"').next().unwrap();
                assert!(!is_restored("", name), "{} restores {name}", path.display());
                passwords += 1;
            }
        }
        assert!(passwords >= 4, "{passwords} password fields are found");
    }
}
