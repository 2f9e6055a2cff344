//! Receives a list that was pasted or uploaded, and sends the file with its result. Both are streams: neither the text
//! nor its lines are ever whole in memory, and a slow client holds no database connection.
//!
//! A list that is sent twice, for example by a double click, becomes one import. `ui/server/session/submitted_form.rs`
//! does the same for other forms, whose content is not read as a stream.

use std::collections::BTreeMap;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::kernel::page::{PAGE_SIZE_MAX, Start};
use crate::kernel::problem::ImportFault;
use crate::platform::csv::CsvText;
use crate::platform::http::{DRAIN_TIMEOUT, drain_into};
use crate::resources::idempotency_keys::model::{
    KeyState, Request as KeyedRequest, StoredResponse, VALID_FOR,
};
use crate::resources::idempotency_keys::ops::{key_await, key_store};
use crate::resources::imports::model::{
    BYTES_MAX, Import, ImportLine, ImportMode, ImportState, LineFault, RESULT_COLUMNS, line_position,
};
use crate::resources::imports::ops::{ListReceiver, NewList, import_discard, import_get, import_lines};
use crate::resources::imports::rules::{ListForm, file_name};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::{LIST_NOT_RESTORED, line_sentence};
use crate::ui::server::download;
use crate::ui::server::prelude::*;
use crate::ui::viewer::FORM_KEY;

/// The longest pasted text that a refusal restores, in bytes. A longer one is not restored at all, because the user
/// might take a part for the whole.
const RESTORED_MAX: usize = 1024 * 1024;
/// The bytes of a refused list that are read, because browsers show the answer only after the end of the list.
const DRAIN_MAX: usize = 256 << 20;
/// The bytes of a form that are parsed: the longest list and the other fields.
const FORM_MAX: usize = BYTES_MAX + (1 << 20);
/// The longest short field that is read, in bytes. Those of our pages are shorter.
const SHORT_MAX: usize = 255;
/// The initial size of a part of the result file, in bytes. A page of lines needs less.
const BUFFER: usize = 64 * 1024;

/// `POST /groups/{id}/bulk`: `multipart/form-data` with a field `mode`, and after it a field `pasted` or a file `file`, because
/// a list is stored while it arrives. Redirects to the preview, or after a refusal back to the form.
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
            error.sentence.push_str(LIST_NOT_RESTORED);
        }
        let mode = pasted.mode_field().into_iter().collect();
        (context.set_flash(Err(error), pasted.fields().unwrap_or(mode)).await, form_at.to_owned())
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
        let form = match field.name() {
            Some("pasted") => ListForm::Pasted,
            Some("file") => ListForm::Csv,
            Some(FORM_KEY) => {
                key = read_short(field).await?;
                continue;
            }
            Some("mode") => {
                let mode = read_short(field).await?.parse().ok().filter(|mode: &ImportMode| mode.has_list());
                pasted.mode = mode.ok_or(Problem::FormMalformed)?;
                continue;
            }
            Some(_) | None => continue,
        };
        pasted.is_there |= form == ListForm::Pasted;
        let pool = &context.state.pool;
        let name = field.file_name().filter(|_| form == ListForm::Csv).map(file_name);
        let mut connection = pool.acquire().await?;
        let new = NewList::new(form, pasted.mode, name.as_deref());
        let list = ListReceiver::begin(&mut connection, &call, group, new).await?;
        drop(connection);
        let mut upload = Upload { context, list, hash: begin_hash(&key, group, new) };
        let pasted = (form == ListForm::Pasted).then_some(pasted);
        let received = upload.receive(field, pasted).await;
        if received.is_err() {
            import_discard(&mut *pool.acquire().await?, &call, upload.list.id).await?;
        }
        return Ok((group, received?));
    }
    Err(Problem::FormMalformed.into())
}

fn broken_off(_: impl std::error::Error) -> ImportFault {
    ImportFault::BrokenOff
}

/// What a refusal restores: the pasted text, and the mode.
#[derive(Default)]
struct PastedText {
    mode: ImportMode,
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
        let mode = self.mode_field();
        let fields = (!text.is_empty()).then(|| ("pasted".to_owned(), text));
        Some(fields.into_iter().chain(mode).collect())
    }

    fn mode_field(&self) -> Option<(String, String)> {
        let is_default = self.mode == ImportMode::default();
        (!is_default).then(|| ("mode".to_owned(), self.mode.into_str().to_owned()))
    }
}

struct Upload<'a> {
    context: &'a RequestContext,
    list: ListReceiver,
    /// Identifies the list; `None` if it came without a key.
    hash: Option<Sha256>,
}

impl Upload<'_> {
    /// Returns the prepared import: this one, or an earlier one if the same list was sent before. Uses the pool itself,
    /// whose timeout is for each connection: a list that takes minutes to arrive would exceed the time that one request may
    /// wait for connections in total.
    async fn receive(
        &mut self,
        mut field: Field<'_>,
        mut pasted: Option<&mut PastedText>,
    ) -> Outcome<ImportId> {
        while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
            let mut keep = |bytes: &[u8]| pasted.iter_mut().for_each(|pasted| pasted.push(bytes));
            keep(&bytes);
            if let Some(hash) = &mut self.hash {
                hash.update(&bytes);
            }
            if let Err(failure) = self.list.push(&self.context.state.pool.current(), &bytes).await {
                drain_into(field, DRAIN_MAX, keep).await;
                return Err(failure);
            }
        }
        self.list.end(&self.context.state.pool.current()).await?;
        self.prepare().await
    }

    async fn prepare(&self) -> Outcome<ImportId> {
        let (operator, now) = (self.context.operator()?.id, self.context.viewer.now);
        let hash = self.hash.clone().map(Sha256::finalize);
        let request = hash.map(|hash| KeyedRequest::of_form(operator, &hash, now));
        let mut transaction = self.context.state.pool.current().begin().await?;
        let before = match &request {
            Some(request) => prepared_before(&mut transaction, request).await?,
            None => None,
        };
        if before.is_some() {
            import_discard(&mut transaction, &self.context.write()?, self.list.id).await?;
        } else {
            if let Some(request) = &request {
                let body = self.list.id.to_string().into_bytes();
                let answer = StoredResponse { status: 303, headers: Vec::new(), body };
                key_store(&mut transaction, request, &answer, VALID_FOR).await?;
            }
            self.list.prepare(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(before.unwrap_or(self.list.id))
    }
}

/// Reads the rest of a refused form, and keeps the pasted text.
async fn drain(body: &mut Multipart, pasted: &mut PastedText) {
    let mut received = 0;
    while received <= DRAIN_MAX
        && let Ok(Some(field)) = body.next_field().await
    {
        let is_pasted = field.name() == Some("pasted");
        pasted.is_there |= is_pasted;
        let keep = |bytes: &[u8]| {
            if is_pasted {
                pasted.push(bytes);
            }
        };
        received += drain_into(field, DRAIN_MAX, keep).await;
    }
}

/// Begins the hash by which a list is recognized when it is sent twice; `None` without a key.
fn begin_hash(key: &str, group: GroupId, list: NewList<'_>) -> Option<Sha256> {
    let form = if list.form == ListForm::Csv { "file" } else { "pasted" };
    let parts = [paths::group_imports(group).as_str(), form, list.mode.into_str(), key].join("\n");
    (!key.is_empty()).then(|| Sha256::new().chain_update(parts).chain_update("\n"))
}

/// The import that the same list was prepared as, if it is not started or discarded since. Waits while another request
/// prepares it.
async fn prepared_before(connection: &mut Connection, request: &KeyedRequest) -> Outcome<Option<ImportId>> {
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

/// Reads a short field. A text that is too long counts as none.
async fn read_short(mut field: Field<'_>) -> Outcome<String> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
        if text.len() <= SHORT_MAX {
            text.extend_from_slice(&bytes);
        }
    }
    Ok(if text.len() > SHORT_MAX { String::new() } else { String::from_utf8(text).unwrap_or_default() })
}

/// `GET /groups/{id}/bulk/{import}/result.csv`, for everyone who is signed in.
pub async fn result_file(
    Extension(context): Extension<RequestContext>,
    Path((group, import)): Path<(String, String)>,
) -> Response {
    let found = find_started(&context, &group, &import).await;
    let file = found.map(|Import { id, .. }| {
        let name = format!("attachment; filename=\"groupdesk-import-{id}.csv\"");
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        let read = move |context, start| result_part(context, id, start);
        (headers, download::body(true, download::parts(context.clone(), Start::Beginning, read)))
    });
    download::respond(&context, file)
}

async fn find_started(context: &RequestContext, group: &str, import: &str) -> Outcome<Import> {
    context.operator()?;
    let (group, id): (GroupId, ImportId) = (form_id(group)?, form_id(import)?);
    let import = import_get(&mut *context.state.pool.acquire().await?, id).await?;
    // An import that is not started has no result.
    if import.group != group || import.started_at.is_none() {
        return Err(Problem::ImportNotFound(id).into());
    }
    Ok(import)
}

/// A part, and the start of the next one; the last part has none.
async fn result_part(
    context: RequestContext,
    id: ImportId,
    start: Start,
) -> Outcome<Option<(Bytes, Option<Start>)>> {
    let mut text = CsvText::with_capacity(BUFFER);
    if start == Start::Beginning {
        text.row(RESULT_COLUMNS).map_err(Failure::fault)?;
    }
    let request = PageRequest { size: PAGE_SIZE_MAX, start };
    let page = import_lines(&mut *context.state.pool.acquire().await?, id, None, &request).await?;
    let formats = context.viewer.locale.formats(context.viewer.now);
    for line in &page.items {
        text.row(row(&formats, line)).map_err(Failure::fault)?;
    }
    let last = page.items.last().filter(|_| page.has_next);
    let next = last.map(|last| Start::After(line_position(last)));
    let bytes = text.into_bytes().map_err(Failure::fault)?.into();
    Ok(Some((bytes, next)))
}

fn row(formats: &Formats, line: &ImportLine) -> [String; RESULT_COLUMNS.len()] {
    // If no id could be read, the text is something else on the line. It is left out because a later import of this
    // file would read it as an id.
    let is_id = !matches!(line.fault, Some(LineFault::Empty | LineFault::QuoteNotClosed));
    let text = if is_id { line.text.clone() } else { String::new() };
    [
        if line.is_listed() { line.line_number.to_string() } else { String::new() },
        text,
        line.workspace.map(|id| id.to_string()).unwrap_or_default(),
        line.workspace_name.clone().unwrap_or_default(),
        line.outcome.map_or("not_done", |outcome| outcome.into_str()).to_owned(),
        line_sentence(line, formats),
        line.enrollment.map(|id| id.to_string()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures::stream;

    use super::*;
    use axum::body::to_bytes;

    /// Sends a body in parts of one mebibyte, and returns how many mebibytes come through.
    async fn read(mebibytes: usize) -> Option<usize> {
        let part = Bytes::from(vec![b'x'; 1 << 20]);
        let parts = stream::iter((0..mebibytes).map(move |_| Ok::<_, io::Error>(part.clone())));
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
