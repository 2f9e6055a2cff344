//! Receives a list that was pasted or uploaded. The list is read as a stream: neither the text nor its lines are ever
//! whole in memory, and a slow sender holds no database connection.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use tokio::time::timeout;

use super::sent_twice::{self, SentList};
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::{ImportFault, Problem};
use crate::kernel::text::cleaned;
use crate::platform::call::{Call, WriteAndAttribute};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::imports::model::{BYTES_MAX, NewImport, NewLine};
use crate::resources::imports::ops::{
    import_append, import_begin, import_discard, import_prepare, import_refused,
};
use crate::resources::imports::rules::{ListForm, ListReader};
use crate::ui::server::forms::form_id;
use crate::ui::server::session::RequestContext;
use crate::ui::viewer::FORM_KEY;
use crate::ui::{messages, paths};

/// The number of lines in one statement.
const BATCH: usize = 2_000;
/// The longest pasted text that a refusal restores, in bytes. A longer one is not restored at all, because the user
/// might take a part for the whole.
const RESTORED_MAX: usize = 1024 * 1024;
/// How long, and how many bytes of, a refused list is read to its end: browsers show the answer only after that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
const DRAIN_MAX: usize = 256 << 20;
/// The bytes of a form that are parsed: the longest list and the other fields.
const FORM_MAX: usize = BYTES_MAX + (1 << 20);
/// The longest file name that is stored, in characters.
const FILE_NAME_MAX: usize = 255;

/// `POST /groups/{id}/bulk`: `multipart/form-data` with a field `pasted` or a file `file`. Redirects to the preview, or
/// after a refusal back to the form.
pub async fn upload(
    Extension(context): Extension<RequestContext>,
    Path(group): Path<String>,
    request: Request,
) -> Response {
    let form_at = paths::group_imports_at(&group);
    let mut pasted = PastedText::default();
    let outcome = match Multipart::from_request(request.map(bounded), &()).await {
        Ok(mut body) => {
            let outcome = read_form(&context, &group, &mut body, &mut pasted).await;
            if outcome.is_err() {
                let _ = timeout(DRAIN_TIMEOUT, drain(&mut body, &mut pasted)).await;
            }
            outcome
        }
        Err(_) => Err(Problem::FormMalformed.into()),
    };
    match outcome {
        Ok((group, import)) => Redirect::to(&paths::import(group, import)).into_response(),
        Err(failure) => refuse(&context, failure, &form_at, pasted).await,
    }
}

/// Passes on at most [`FORM_MAX`] bytes, because `Multipart` keeps the head of a field in memory however long it is.
fn bounded(body: Body) -> Body {
    let mut received = 0_usize;
    Body::from_stream(body.into_data_stream().map(move |part| {
        let bytes = part?;
        received = received.saturating_add(bytes.len());
        if received > DRAIN_MAX {
            return Err(axum::Error::new("the form is too long"));
        }
        Ok(if received > FORM_MAX { Bytes::new() } else { bytes })
    }))
}

async fn refuse(context: &RequestContext, failure: Failure, form_at: &str, pasted: PastedText) -> Response {
    let (stored, go_to) = if matches!(failure, Failure::Problem(Problem::SignedOut)) {
        (context.store_typed(form_at, pasted.fields()).await, paths::login_for(form_at))
    } else {
        let mut error = context.error(failure);
        if pasted.is_too_long {
            error.sentence.push_str(messages::LIST_NOT_RESTORED);
        }
        (context.set_flash(Err(error), pasted.fields().unwrap_or_default()).await, form_at.to_owned())
    };
    match stored {
        Ok(()) => Redirect::to(&go_to).into_response(),
        Err(failure) => context.error(failure).sentence.into_response(),
    }
}

async fn read_form(
    context: &RequestContext,
    group: &str,
    body: &mut Multipart,
    pasted: &mut PastedText,
) -> Outcome<(GroupId, ImportId)> {
    let call = context.write()?;
    let group: GroupId = form_id(group)?;
    let mut key = String::new();
    while let Some(field) = body.next_field().await.map_err(broken_off)? {
        let (form, pasted) = match field.name() {
            Some("pasted") => {
                pasted.is_there = true;
                (ListForm::Pasted, Some(pasted))
            }
            Some("file") => (ListForm::Csv, None),
            Some(FORM_KEY) => {
                key = sent_twice::read_key(field).await?;
                continue;
            }
            Some(_) | None => continue,
        };
        let new = NewImport { group, file_name: file_name(&field, form) };
        let id = import_begin(&mut *context.state.pool.acquire().await?, &call, &new).await?;
        let (sent, reader) = (SentList::new(&key, group, form), ListReader::new(form));
        let list = IncomingList { context, call: &call, id, reader, lines: Vec::new(), sent };
        return match list.read(field, pasted).await {
            Ok(prepared) => Ok((group, prepared)),
            Err(failure) => {
                import_discard(&mut *context.state.pool.acquire().await?, &call, id).await?;
                Err(failure)
            }
        };
    }
    Err(Problem::FormMalformed.into())
}

/// The name of the file without a path, which some clients send along.
fn file_name(field: &Field<'_>, form: ListForm) -> Option<String> {
    let name = field.file_name().filter(|_| form == ListForm::Csv)?;
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    // Cut before it is cleaned, because a name may be as long as the body.
    let name: String = name.chars().take(FILE_NAME_MAX).collect();
    Some(cleaned(&name).chars().filter(|sign| !sign.is_control()).take(FILE_NAME_MAX).collect())
}

pub(super) fn broken_off(_: impl std::error::Error) -> Failure {
    import_refused(ImportFault::BrokenOff)
}

/// The pasted text, which a refusal restores.
#[derive(Default)]
struct PastedText {
    bytes: Vec<u8>,
    is_too_long: bool,
    /// The form has the field, even if it is empty.
    is_there: bool,
}

impl PastedText {
    fn push(&mut self, bytes: &[u8]) {
        self.is_too_long |= self.bytes.len() + bytes.len() > RESTORED_MAX;
        if self.is_too_long {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The fields to restore; `None` if the form had no such text or one that is too long.
    fn fields(self) -> Option<BTreeMap<String, String>> {
        if self.is_too_long || !self.is_there {
            return None;
        }
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let fields = (!text.is_empty()).then(|| ("pasted".to_owned(), text));
        Some(fields.into_iter().collect())
    }
}

struct IncomingList<'a> {
    context: &'a RequestContext,
    call: &'a Call<WriteAndAttribute>,
    id: ImportId,
    reader: ListReader,
    lines: Vec<NewLine>,
    sent: SentList,
}

impl IncomingList<'_> {
    /// Returns the prepared import: this one, or an earlier one if the same list was sent before.
    async fn read(mut self, mut field: Field<'_>, mut pasted: Option<&mut PastedText>) -> Outcome<ImportId> {
        while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
            if let Some(pasted) = &mut pasted {
                pasted.push(&bytes);
            }
            if let Err(failure) = self.push(&bytes).await {
                let _ = timeout(DRAIN_TIMEOUT, drain_field(&mut field, pasted)).await;
                return Err(failure);
            }
        }
        self.finish().await
    }

    async fn push(&mut self, bytes: &[u8]) -> Outcome<()> {
        let lines = self.reader.push(bytes).map_err(import_refused)?;
        self.lines.extend(lines);
        self.sent.push(bytes);
        if self.lines.len() >= BATCH { self.write().await } else { Ok(()) }
    }

    async fn finish(mut self) -> Outcome<ImportId> {
        let lines = self.reader.finish().map_err(import_refused)?;
        self.lines.extend(lines);
        self.write().await?;
        let request = self.sent.request(self.context)?;
        let mut transaction = self.context.state.pool.current().begin().await?;
        if let Some(request) = &request {
            if let Some(before) = sent_twice::prepared_before(&mut transaction, request).await? {
                import_discard(&mut transaction, self.call, self.id).await?;
                transaction.commit().await?;
                return Ok(before);
            }
            sent_twice::store(&mut transaction, request, self.id).await?;
        }
        import_prepare(&mut transaction, self.call, self.id, self.reader.column_name()).await?;
        transaction.commit().await?;
        Ok(self.id)
    }

    /// Uses the pool itself, whose timeout is for each connection: a list that takes minutes to arrive would exceed the
    /// time that one request may wait for connections in total.
    async fn write(&mut self) -> Outcome<()> {
        let mut connection = self.context.state.pool.current().acquire().await?;
        for lines in self.lines.chunks(BATCH) {
            import_append(&mut connection, self.call, self.id, lines).await?;
        }
        self.lines.clear();
        Ok(())
    }
}

/// Reads the rest of a refused form, and keeps the pasted text.
async fn drain(body: &mut Multipart, pasted: &mut PastedText) {
    let mut received = 0;
    while let Ok(Some(mut field)) = body.next_field().await {
        let is_pasted = field.name() == Some("pasted");
        pasted.is_there |= is_pasted;
        received += drain_field(&mut field, is_pasted.then_some(&mut *pasted)).await;
        if received > DRAIN_MAX {
            return;
        }
    }
}

/// Returns the number of bytes.
async fn drain_field(field: &mut Field<'_>, mut pasted: Option<&mut PastedText>) -> usize {
    let mut received = 0;
    while let Ok(Some(bytes)) = field.chunk().await {
        received += bytes.len();
        if received > DRAIN_MAX {
            break;
        }
        if let Some(pasted) = &mut pasted {
            pasted.push(&bytes);
        }
    }
    received
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures::stream;

    /// Sends a body in parts of one mebibyte, and returns how many mebibytes come through.
    async fn read(mebibytes: usize) -> Option<usize> {
        let part = Bytes::from(vec![b'x'; 1 << 20]);
        let parts = stream::iter((0..mebibytes).map(move |_| Ok::<_, std::io::Error>(part.clone())));
        to_bytes(bounded(Body::from_stream(parts)), usize::MAX).await.ok().map(|read| read.len() >> 20)
    }

    #[tokio::test]
    async fn a_form_is_read_to_the_size_of_the_longest_list() {
        assert_eq!(read(20).await, Some(20));
        assert_eq!(read(21).await, Some(21));
        assert_eq!(read(200).await, Some(21));
        assert_eq!(read(257).await, None);
    }
}
