//! A list that is sent twice, as by a double click, is prepared once. As other forms are known again by their
//! key (`ui/server/session/sent_twice.rs`), so is this one, whose content is read as it comes in.

use axum::extract::multipart::Field;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::idempotency_keys::model::{Found, KEPT_FOR, KeptAnswer, Request as Asked};
use crate::resources::idempotency_keys::ops::{key_await, key_keep};
use crate::resources::imports::model::ImportState;
use crate::resources::imports::ops::import_get;
use crate::resources::imports::rules::ListForm;
use crate::ui::imports::files::receive::broken_off;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

/// The longest key that is read, in bytes: longer than those that pages make up.
const KEY_MAX: usize = 255;

/// All that a list is known again by.
pub(super) struct SentList {
    has_key: bool,
    content: Sha256,
}

impl SentList {
    pub(super) fn new(key: &str, group: GroupId, form: ListForm) -> Self {
        let mut content = Sha256::new();
        let form = if form == ListForm::Csv { "file" } else { "pasted" };
        for part in [paths::group_bulk(group).as_str(), form, key] {
            content.update(part);
            content.update(b"\n");
        }
        Self { has_key: !key.is_empty(), content }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.content.update(bytes);
    }

    /// The list is whole. `None` where it came without a key.
    pub(super) fn asked(self, visit: &RequestContext) -> Result<Option<Asked>, Problem> {
        let operator = visit.operator()?.id;
        Ok(self.has_key.then(|| Asked::of_form(operator, &self.content.finalize(), visit.now())))
    }
}

/// The import that the same list was prepared as, if it waits to be started still. Waits while it is being
/// prepared.
pub(super) async fn prepared_before(
    connection: &mut PgConnection,
    asked: &Asked,
) -> Outcome<Option<ImportId>> {
    let Found::Answered(kept) = key_await(connection, asked).await? else { return Ok(None) };
    let id = String::from_utf8(kept.body).ok().and_then(|id| id.parse::<ImportId>().ok());
    let Some(id) = id else { return Ok(None) };
    match import_get(connection, id).await {
        Ok(import) => Ok((import.state == ImportState::Prepared).then_some(id)),
        // Discarded since.
        Err(Failure::Problem(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn keep(connection: &mut PgConnection, asked: &Asked, id: ImportId) -> Outcome<()> {
    let answer = KeptAnswer { status: 303, headers: Vec::new(), body: id.to_string().into_bytes() };
    key_keep(connection, asked, &answer, KEPT_FOR).await
}

/// The key that a form came with; one that is too long is none of ours.
pub(super) async fn key_of(mut field: Field<'_>) -> Outcome<String> {
    let mut key = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
        if key.len() <= KEY_MAX {
            key.extend_from_slice(&bytes);
        }
    }
    Ok(if key.len() > KEY_MAX { String::new() } else { String::from_utf8(key).unwrap_or_default() })
}
