//! Recognizes a list that is sent twice, for example by a double click, so that it becomes one import. It does what
//! `ui/server/session/repeated_forms.rs` does for other forms, with a content that is read as a stream.

use axum::extract::multipart::Field;
use sha2::{Digest, Sha256};

use super::upload::broken_off;
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::Problem;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::idempotency_keys::model::{KeyState, Request, StoredResponse, VALID_FOR};
use crate::resources::idempotency_keys::ops::{key_await, key_store};
use crate::resources::imports::model::ImportState;
use crate::resources::imports::ops::import_get;
use crate::resources::imports::rules::ListForm;
use crate::ui::paths;
use crate::ui::server::session::RequestContext;

/// The longest key that is read, in bytes. The keys of our pages are shorter.
const KEY_MAX: usize = 255;

/// The key and the content of a list that is being read.
pub(super) struct SentList {
    has_key: bool,
    content: Sha256,
}

impl SentList {
    pub(super) fn new(key: &str, group: GroupId, form: ListForm) -> Self {
        let mut content = Sha256::new();
        let form = if form == ListForm::Csv { "file" } else { "pasted" };
        for part in [paths::group_imports(group).as_str(), form, key] {
            content.update(part);
            content.update(b"\n");
        }
        Self { has_key: !key.is_empty(), content }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.content.update(bytes);
    }

    /// The whole list as a request; `None` if it came without a key.
    pub(super) fn request(&self, context: &RequestContext) -> Result<Option<Request>, Problem> {
        let operator = context.operator()?.id;
        let digest = self.content.clone().finalize();
        Ok(self.has_key.then(|| Request::of_form(operator, &digest, context.viewer.now)))
    }
}

/// The import that the same list was prepared as, if it is not started or discarded since. Waits while another request
/// prepares it.
pub(super) async fn prepared_before(
    connection: &mut Connection,
    request: &Request,
) -> Outcome<Option<ImportId>> {
    let KeyState::Answered(stored) = key_await(connection, request).await? else { return Ok(None) };
    let Some(id) = String::from_utf8(stored.body).ok().and_then(|id| id.parse().ok()) else {
        return Ok(None);
    };
    match import_get(connection, id).await {
        Ok(import) => Ok((import.state == ImportState::Prepared).then_some(id)),
        Err(Failure::Problem(_)) => Ok(None),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn store(connection: &mut Connection, request: &Request, id: ImportId) -> Outcome<()> {
    let answer = StoredResponse { status: 303, headers: Vec::new(), body: id.to_string().into_bytes() };
    key_store(connection, request, &answer, VALID_FOR).await
}

/// Reads the key of a form. A key that is too long counts as none.
pub(super) async fn read_key(mut field: Field<'_>) -> Outcome<String> {
    let mut key = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
        if key.len() <= KEY_MAX {
            key.extend_from_slice(&bytes);
        }
    }
    Ok(if key.len() > KEY_MAX { String::new() } else { String::from_utf8(key).unwrap_or_default() })
}
