//! The flags for the reason of a change.

use clap::Args;

use super::{CommandError, CommandResult, sentence};
use crate::kernel::actor::ChangeNote;

#[derive(Args)]
pub(super) struct NoteArgs {
    /// Why this is done; at most 500 characters
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The key or the URL of a ticket; at most 100 characters
    #[arg(long, value_name = "TICKET")]
    reference: Option<String>,
}

impl NoteArgs {
    pub(super) fn note(&self) -> CommandResult<ChangeNote> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let note = ChangeNote::parse(&text(&self.reason), &text(&self.reference));
        note.map_err(|problem| CommandError::Usage(sentence(&problem)))
    }
}
