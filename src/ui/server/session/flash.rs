//! The message about the last change, which waits in the session for the next page.

use std::collections::BTreeMap;

use crate::platform::failure::Outcome;
use crate::platform::session::{FLASH, READ};
use crate::ui::error::UiError;
use crate::ui::flash::{Flash, Notice};
use crate::ui::server::session::{RequestContext, readable, unavailable};

/// The number of answers that a session remembers as read. More than anyone gets while answers are stored.
const READ_MAX: usize = 20;

impl RequestContext {
    /// `typed`: the text of a refused form.
    pub async fn set_flash(
        &self,
        outcome: Result<Notice, UiError>,
        typed: BTreeMap<String, String>,
    ) -> Outcome<()> {
        let typed = if self.viewer.operator.is_some() { typed } else { self.anonymous_typed(typed) };
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

    /// Moves the message out of the session.
    pub(super) async fn take_flash(&self) -> Outcome<Option<Flash>> {
        // A removal without a message would count as a change and write the session with every page.
        let Some(flash) = readable::<Flash>(self.session.get(FLASH).await)? else { return Ok(None) };
        self.session.remove_value(FLASH).await.map_err(unavailable)?;
        if let Some(answer) = &flash.answer {
            self.set_read(answer).await?;
        }
        // The session layer does not save the session of a response with such a status.
        if flash.outcome.as_ref().is_err_and(|error| error.kind.status() >= 500) {
            self.session.save().await.map_err(unavailable)?;
        }
        Ok(Some(flash))
    }

    async fn read_answers(&self) -> Outcome<Vec<String>> {
        Ok(readable(self.session.get(READ).await)?.unwrap_or_default())
    }

    /// Whether the page with this answer was shown.
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

    /// The form was performed again and has a new answer.
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
