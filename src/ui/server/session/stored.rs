//! What waits in the session for a later request: messages, the text of forms, and sign-ins with the identity provider.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tower_sessions::{Expiry, session};

use crate::kernel::actor::ChangeNote;
use crate::kernel::recency::is_recent;
use crate::platform::oidc::{FLOW_MINUTES, Flow, flow_store, flow_take};
use crate::platform::session::{FLASH, NOTE, READ};
use crate::resources::operators::model::Operator;
use crate::resources::sign_in_attempts::model::account;
use crate::resources::workspace_groups::ops::group_get;
use crate::ui::error::UiErrorKind;
use crate::ui::flash::Flash;
use crate::ui::messages;
use crate::ui::server::prelude::*;
use crate::ui::server::session::error_pages;
use crate::ui::server::session::submitted_form::PendingForm;

const FLOWS: &str = "oidc";
const FORM: &str = "kept";
const PENDING: &str = "pending";
/// The number of answers that a session remembers as read. More than anyone gets while answers are stored.
const READ_MAX: usize = 20;
/// Long enough to look up a password, and short because others may use the same browser.
const FORM_MINUTES: i64 = 15;
/// The life of a session without an operator. All that waits in one expires before it.
const ANONYMOUS_MINUTES: i64 = if FLOW_MINUTES > FORM_MINUTES { FLOW_MINUTES } else { FORM_MINUTES };
/// The maximum size of a stored form, in bytes. Only forms with a long list are larger.
const TYPED_MAX: usize = 64 * 1024;
/// The maximum size, in bytes, for someone who is not signed in. Their forms have an e-mail address only.
const ANONYMOUS_MAX: usize = 1024;

/// The author of the form is the last account that signed in with this browser, which the device cookie identifies. The
/// row of the ended session is deleted.
#[derive(Serialize, Deserialize)]
struct StoredForm {
    #[serde(rename = "mark")]
    device_token: String,
    form_at: String,
    /// `None`: too long, or a file.
    typed: Option<BTreeMap<String, String>>,
    at: DateTime<Utc>,
}

fn size(typed: &BTreeMap<String, String>) -> usize {
    typed.iter().map(|(field, text)| field.len() + text.len()).sum()
}

impl RequestContext {
    /// A value that another version of the program wrote in another format counts as absent.
    pub(super) async fn stored<T: DeserializeOwned>(&self, key: &str) -> Outcome<Option<T>> {
        match self.session.get(key).await {
            Err(session::Error::SerdeJson(_)) => Ok(None),
            stored => Ok(stored?),
        }
    }

    fn expire_after_minutes(&self, minutes: i64) {
        self.session.set_expiry(Some(Expiry::OnInactivity(time::Duration::minutes(minutes))));
    }

    pub async fn set_flash(
        &self,
        outcome: Result<Notice, UiError>,
        mut typed: BTreeMap<String, String>,
    ) -> Outcome<()> {
        if self.viewer.operator.is_none() {
            self.expire_after_minutes(ANONYMOUS_MINUTES);
            // A client without cookies gets a new session with each refused form, and could otherwise fill the disk of
            // the database.
            if size(&typed) > ANONYMOUS_MAX {
                typed.clear();
            }
        }
        let answer = if outcome.is_ok() { self.answer_name() } else { None };
        if let Some(answer) = &answer {
            // The form was performed again and has a new answer.
            self.set_read(answer, false).await?;
        }
        self.restore(Flash { outcome, typed, answer }).await
    }

    /// Remembers what a change said for the next form, and forgets a form that waited for a reason.
    pub(super) async fn store_note(&self, note: &ChangeNote) -> Outcome<()> {
        if self.form.has_note() && self.stored::<ChangeNote>(NOTE).await?.unwrap_or_default() != *note {
            self.session.insert(NOTE, note).await?;
        }
        if self.stored::<PendingForm>(PENDING).await?.is_some() {
            self.session.remove_value(PENDING).await?;
        }
        Ok(())
    }

    /// Stores the form for the page that asks for a reason, and returns the address of the page; `None` if the form is too
    /// long, so that its own page has to ask.
    pub(super) async fn store_pending(&self, form_at: &str, group: GroupId) -> Outcome<Option<String>> {
        let mut connection = self.state.pool.acquire().await?;
        let group = group_get(&mut connection, group, false).await?.group;
        let form = self.form.pending(form_at, group.name, self.viewer.now);
        let size: usize = form.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > TYPED_MAX {
            return Ok(None);
        }
        let page = paths::reason_for(&form.key);
        self.session.insert(PENDING, form).await?;
        Ok(Some(page))
    }

    /// The form with this key that waits for a reason.
    pub async fn pending_form(&self, key: &str) -> Outcome<Option<PendingForm>> {
        let form: Option<PendingForm> = self.stored(PENDING).await?;
        let is_waiting = |form: &PendingForm| {
            form.key == key && is_recent(form.at, TimeDelta::minutes(FORM_MINUTES), self.viewer.now)
        };
        Ok(form.filter(is_waiting))
    }

    pub(super) async fn restore(&self, flash: Flash) -> Outcome<()> {
        Ok(self.session.insert(FLASH, flash).await?)
    }

    pub(super) async fn take_flash(&self) -> Outcome<Option<Flash>> {
        // A removal without a message would count as a change and write the session with every page.
        let Some(flash) = self.stored::<Flash>(FLASH).await? else { return Ok(None) };
        self.session.remove_value(FLASH).await?;
        if let Some(answer) = &flash.answer {
            self.set_read(answer, true).await?;
        }
        // The session layer does not save the session of a response with such a status.
        if flash.error().is_some_and(|error| error.kind.status() >= 500) {
            self.session.save().await?;
        }
        Ok(Some(flash))
    }

    /// [`crate::ui::server::session::refuse`] outside of server functions.
    pub async fn refuse_at(&self, failure: Failure, page: &str) -> Response {
        let error = self.error(failure);
        match self.set_flash(Err(error), BTreeMap::new()).await {
            Ok(()) => Redirect::to(page).into_response(),
            Err(failure) => error_pages::outage(&failure, &self.request_id),
        }
    }

    pub(super) async fn read_answers(&self) -> Outcome<Vec<String>> {
        Ok(self.stored(READ).await?.unwrap_or_default())
    }

    async fn set_read(&self, answer: &str, is_read: bool) -> Outcome<()> {
        let before = self.read_answers().await?;
        let mut read: Vec<_> = before.iter().filter(|other| *other != answer).cloned().collect();
        if is_read {
            read.push(answer.to_owned());
            read.drain(..read.len().saturating_sub(READ_MAX));
        }
        if read != before {
            self.session.insert(READ, read).await?;
        }
        Ok(())
    }

    /// Stores nothing for a browser without a device cookie. Whether the cookie is genuine shows only when its account
    /// signs in, so that little is stored, and for a short time. `typed` never contains secrets (`submitted_form.rs`); it is
    /// `None` for a form that cannot be restored, such as a file.
    pub async fn store_typed(&self, form_at: &str, typed: Option<BTreeMap<String, String>>) -> Outcome<()> {
        let is_empty = typed.as_ref().is_some_and(BTreeMap::is_empty);
        let Some(device_token) = self.device_token.clone().filter(|_| !is_empty) else { return Ok(()) };
        let used = form_at.len() + device_token.len();
        if used > TYPED_MAX {
            return Ok(());
        }
        let typed = typed.filter(|typed| size(typed) + used <= TYPED_MAX);
        let form = StoredForm { device_token, form_at: form_at.to_owned(), typed, at: self.viewer.now };
        self.session.insert(FORM, form).await?;
        self.expire_after_minutes(FORM_MINUTES);
        Ok(())
    }

    /// The stored text for the form at `next`, if this operator typed it. It must be read before the session is ended.
    pub(super) async fn typed_for(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let Some(form) = self.stored::<StoredForm>(FORM).await? else { return Ok(None) };
        let is_waiting = is_recent(form.at, TimeDelta::minutes(FORM_MINUTES), self.viewer.now);
        if !is_waiting || form.form_at != next {
            return Ok(None);
        }
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let is_theirs = key.device(&form.device_token, &account(&operator.email)).is_some();
        let outcome = match form.typed {
            Some(_) => Ok(Notice::TypedRestored),
            None => Err(UiError::new(UiErrorKind::Refused, messages::TYPED_NOT_STORED)),
        };
        Ok(is_theirs.then(|| Flash { outcome, typed: form.typed.unwrap_or_default(), answer: None }))
    }

    /// Adds the state of a sign-in to those of other tabs.
    pub async fn store_flow(&self, flow: Flow) -> Outcome<()> {
        let flows = self.stored(FLOWS).await?.unwrap_or_default();
        self.session.insert(FLOWS, flow_store(flows, flow, self.viewer.now)).await?;
        if self.viewer.operator.is_none() {
            self.expire_after_minutes(ANONYMOUS_MINUTES);
        }
        Ok(())
    }

    /// Removes the flow of this state and saves the session at once, so that it cannot be used twice.
    pub async fn take_flow(&self, state: &str) -> Outcome<Option<Flow>> {
        let Some(mut flows) = self.stored::<Vec<Flow>>(FLOWS).await? else { return Ok(None) };
        let flow = flow_take(&mut flows, state, self.viewer.now);
        self.session.insert(FLOWS, flows).await?;
        self.session.save().await?;
        Ok(flow)
    }

    pub fn log_provider_refusal(&self, note: &str) {
        tracing::warn!(request_id = %self.request_id, note, "not signed in by the identity provider");
    }
}
