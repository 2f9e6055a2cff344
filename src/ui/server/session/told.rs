//! The message about the last change waits in the session for the page that one goes on to.

use std::collections::BTreeMap;

use crate::platform::failure::Outcome;
use crate::platform::session::{FLASH, READ};
use crate::ui::error::UiError;
use crate::ui::flash::{Flash, Notice};
use crate::ui::server::session::{RequestContext, readable, unavailable};

/// How many answers that were read a session remembers: more than one presses within the minutes for which such
/// answers are kept.
const READ_MAX: usize = 20;

impl RequestContext {
    pub async fn tell(
        &self,
        outcome: Result<Notice, UiError>,
        typed: BTreeMap<String, String>,
    ) -> Outcome<()> {
        let typed = if self.operator.is_some() { typed } else { self.of_a_stranger(typed) };
        let error = outcome.as_ref().err();
        let faults = error.map(|error| error.fields.clone()).unwrap_or_default();
        let about = error.and_then(|error| error.about.clone());
        let answer = if outcome.is_ok() { self.answer_name() } else { None };
        if let Some(answer) = &answer {
            self.set_unread(answer).await?;
        }
        self.restore(Flash { outcome, typed, faults, about, answer }).await
    }

    pub(super) async fn restore(&self, flash: Flash) -> Outcome<()> {
        self.session.insert(FLASH, flash).await.map_err(unavailable)
    }

    /// The message that waits for the page that this visit is answered with. It leaves the session with it.
    pub(super) async fn take_message(&self) -> Outcome<Option<Flash>> {
        // Looked for first: removing counts as a change even of what is not there, and each look
        // at a page would write the session.
        let Some(flash) = readable::<Flash>(self.session.get(FLASH).await)? else { return Ok(None) };
        self.session.remove_value(FLASH).await.map_err(unavailable)?;
        if let Some(answer) = &flash.answer {
            self.set_read(answer).await?;
        }
        // The session of an answer with such a status is not saved by itself, and what is told once would be
        // told again.
        if flash.outcome.as_ref().is_err_and(|error| error.kind.status() >= 500) {
            self.session.save().await.map_err(unavailable)?;
        }
        Ok(Some(flash))
    }

    async fn read_answers(&self) -> Outcome<Vec<String>> {
        Ok(readable(self.session.get(READ).await)?.unwrap_or_default())
    }

    /// Was the page with this answer asked for?
    pub(super) async fn is_read(&self, answer: &str) -> Outcome<bool> {
        Ok(self.read_answers().await?.iter().any(|read| read == answer))
    }

    async fn set_read(&self, answer: &str) -> Outcome<()> {
        let mut read = self.read_answers().await?;
        read.push(answer.to_owned());
        let surplus = read.len().saturating_sub(READ_MAX);
        read.drain(..surplus);
        self.session.insert(READ, read).await.map_err(unavailable)
    }

    /// The same form was performed once more, and has another answer now.
    async fn set_unread(&self, answer: &str) -> Outcome<()> {
        let mut read = self.read_answers().await?;
        let before = read.len();
        read.retain(|other| other != answer);
        if read.len() == before {
            return Ok(());
        }
        self.session.insert(READ, read).await.map_err(unavailable)
    }
}
