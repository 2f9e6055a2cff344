//! Stores the text of a form that was sent after its session had ended, until its author signs in again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tower_sessions::Expiry;

use crate::kernel::recency::is_recent;
use crate::platform::failure::Outcome;
use crate::resources::operators::model::Operator;
use crate::resources::sign_in_attempts::model::account;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::{Flash, Notice};
use crate::ui::messages;
use crate::ui::server::session::oidc_state::ANONYMOUS_MINUTES;
use crate::ui::server::session::{RequestContext, readable, unavailable};

const SESSION_KEY: &str = "kept";

/// Long enough to look up a password, and short because others may use the same browser.
pub(super) const TYPED_MINUTES: i64 = 15;

/// Bytes. Larger than any form but long lists.
const TYPED_MAX: usize = 64 * 1024;

/// Bytes for someone who is not signed in. Their forms have an e-mail address only.
const ANONYMOUS_MAX: usize = 1024;

fn size(typed: &BTreeMap<String, String>) -> usize {
    typed.iter().map(|(field, text)| field.len() + text.len()).sum()
}

/// The author of the form is the last account that signed in with this browser, which the device cookie identifies. The
/// ended session could not tell, because its row is deleted.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "mark")]
    device_token: String,
    form_at: String,
    /// `None`: too long, or a file.
    typed: Option<BTreeMap<String, String>>,
    at: DateTime<Utc>,
}

fn restored(typed: Option<BTreeMap<String, String>>) -> Flash {
    let outcome = match &typed {
        Some(_) => Ok(Notice::TypedRestored),
        None => Err(UiError::new(UiErrorKind::Refused, messages::TYPED_NOT_STORED)),
    };
    Flash { outcome, typed: typed.unwrap_or_default(), faults: BTreeMap::new(), about: None, answer: None }
}

impl RequestContext {
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
        let stored = Stored { device_token, form_at: form_at.to_owned(), typed, at: self.viewer.now };
        self.session.insert(SESSION_KEY, stored).await.map_err(unavailable)?;
        self.expire_after_minutes(TYPED_MINUTES);
        Ok(())
    }

    /// Shortens the life of a session without an operator.
    pub(super) fn expire_after_minutes(&self, minutes: i64) {
        self.session.set_expiry(Some(Expiry::OnInactivity(time::Duration::minutes(minutes))));
    }

    /// Limits what is stored for someone who is not signed in. A client without cookies gets a new session with each
    /// refused form, and could otherwise fill the disk of the database.
    pub(super) fn anonymous_typed(&self, typed: BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.expire_after_minutes(ANONYMOUS_MINUTES);
        if size(&typed) > ANONYMOUS_MAX { BTreeMap::new() } else { typed }
    }

    /// The stored text for the form at `next`, if this operator typed it. It must be read before the session is rotated.
    pub(super) async fn typed_for(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let Some(stored) = readable::<Stored>(self.session.get(SESSION_KEY).await)? else { return Ok(None) };
        if !is_recent(stored.at, TimeDelta::minutes(TYPED_MINUTES), self.viewer.now) || stored.form_at != next
        {
            return Ok(None);
        }
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let is_theirs = key.device(&stored.device_token, &account(&operator.email)).is_some();
        Ok(is_theirs.then(|| restored(stored.typed)))
    }
}
