//! What was typed into a form that came in after its session had ended, until whoever typed it is signed in again.

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
use crate::ui::server::session::oidc_state::WAITS_MINUTES;
use crate::ui::server::session::{RequestContext, readable, unavailable};

const KEPT: &str = "kept";

/// Long enough to look up a password, and no longer: somebody else may come to this browser.
pub(super) const KEPT_FOR_MINUTES: i64 = 15;

/// Bytes. More than any form of ours takes but a long list, and little to keep for a stranger.
const KEPT_MAX: usize = 64 * 1024;

/// Bytes: an e-mail address, which is what a form for strangers asks for.
const STRANGERS_MAX: usize = 1024;

fn size(typed: &BTreeMap<String, String>) -> usize {
    typed.iter().map(|(field, text)| field.len() + text.len()).sum()
}

/// Waits in the session of nobody, which the browser has by then.
///
/// Whose it is, the session that ended cannot tell: it is gone from the database. The browser's mark can. It
/// stands for the account that signed in here last, who is the one whose session it was: each sign-in
/// replaces both. A mark is sealed, and opens for the account that signs in or it does not.
#[derive(Serialize, Deserialize)]
struct Kept {
    mark: String,
    form_at: String,
    /// `None`: it could not be kept, which is what there is to say.
    typed: Option<BTreeMap<String, String>>,
    at: DateTime<Utc>,
}

/// What the form says of it above its fields.
fn told(typed: Option<BTreeMap<String, String>>) -> Flash {
    let lost = || UiError::new(UiErrorKind::Refused, messages::TYPED_NOT_KEPT.to_owned());
    let outcome = if typed.is_some() { Ok(Notice::TypedKept) } else { Err(lost()) };
    Flash { outcome, typed: typed.unwrap_or_default(), faults: BTreeMap::new(), about: None, answer: None }
}

impl RequestContext {
    /// Nothing is kept of a browser without a mark, with which nobody signed in. Whether a mark is ours shows
    /// when its account signs in, so whoever made one up can leave something here too: little, and not for long.
    /// A form hands over no password or secret as typed: see the callers of [`crate::ui::server::session::change`]. `None` of a form
    /// that held what cannot be put back into it, such as a file; too much is as good as that.
    pub async fn keep_typed(&self, form_at: &str, typed: Option<BTreeMap<String, String>>) -> Outcome<()> {
        let has_nothing = typed.as_ref().is_some_and(BTreeMap::is_empty);
        let Some(mark) = self.mark.clone().filter(|_| !has_nothing) else { return Ok(()) };
        let used = form_at.len() + mark.len();
        if used > KEPT_MAX {
            return Ok(());
        }
        let typed = typed.filter(|typed| size(typed) + used <= KEPT_MAX);
        let kept = Kept { mark, form_at: form_at.to_owned(), typed, at: self.now };
        self.session.insert(KEPT, kept).await.map_err(unavailable)?;
        self.keep_for_minutes(KEPT_FOR_MINUTES);
        Ok(())
    }

    /// For the session of nobody, which the database is not to keep if nobody comes.
    pub(super) fn keep_for_minutes(&self, minutes: i64) {
        self.session.set_expiry(Some(Expiry::OnInactivity(time::Duration::minutes(minutes))));
    }

    /// What is shown again of a form that was refused to somebody who is not signed in. Each such form makes a
    /// session of its own for whoever keeps no cookie: were it any length, for any time, strangers could fill
    /// the disk of the database.
    pub(super) fn of_a_stranger(&self, typed: BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.keep_for_minutes(WAITS_MINUTES);
        if size(&typed) > STRANGERS_MAX { BTreeMap::new() } else { typed }
    }

    /// What waits for this operator at the form that they go on to. To be asked before the session begins
    /// anew, which forgets it.
    pub(super) async fn kept_for(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let Some(kept) = readable(self.session.get::<Kept>(KEPT).await)? else { return Ok(None) };
        if !is_recent(kept.at, TimeDelta::minutes(KEPT_FOR_MINUTES), self.now) || kept.form_at != next {
            return Ok(None);
        }
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let is_theirs = key.device(&kept.mark, &account(&operator.email)).is_some();
        Ok(is_theirs.then(|| told(kept.typed)))
    }
}
