//! The outcome of each line of an import, as a CSV file of any length in little memory.

use std::io;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::Problem;
use crate::platform::csv::CsvText;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::imports::model::{Import, ImportLine, LineFault, RESULT_COLUMNS, line_position};
use crate::resources::imports::ops::{import_get, import_lines};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::line_sentence;
use crate::ui::server::download::{self, SessionGuard};
use crate::ui::server::forms::form_id;
use crate::ui::server::session::{RequestContext, status};

/// Bytes. A page of lines needs less.
const BUFFER: usize = 64 * 1024;

/// `GET /groups/{id}/bulk/{import}/result.csv`, for everyone who is signed in.
pub async fn result_file(
    Extension(context): Extension<RequestContext>,
    Path((group, import)): Path<(String, String)>,
) -> Response {
    match find(&context, &group, &import).await {
        Ok(import) => {
            let name = format!("attachment; filename=\"groupdesk-import-{}.csv\"", import.id);
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, download::body(true, parts(context, import.id))).into_response()
        }
        Err(failure) => {
            let error = context.read_error(failure);
            (status(error.kind), format!("{}\n", error.sentence)).into_response()
        }
    }
}

async fn find(context: &RequestContext, group: &str, import: &str) -> Outcome<Import> {
    context.operator()?;
    let (group, id): (GroupId, ImportId) = (form_id(group)?, form_id(import)?);
    let import = import_get(&mut *context.state.pool.acquire().await?, id).await?;
    // An import that is not started has no result.
    if import.group != group || import.started_at.is_none() {
        return Err(Problem::ImportNotFound(id).into());
    }
    Ok(import)
}

/// Reads each part after the client has received the one before, so that a slow client takes no memory and no database
/// connection. A failure aborts the body, which the client notices.
fn parts(context: RequestContext, id: ImportId) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let begun = (Some(Start::Beginning), SessionGuard::new(context));
    stream::try_unfold(begun, move |(next, mut guard): (Option<Start>, SessionGuard)| async move {
        let Some(start) = next else { return Ok(None) };
        let connections = guard.context.state.pool.clone();
        let read = async {
            guard.revalidate().await?;
            part(&guard.context, id, start).await
        };
        let part = connections.cancel_if_unavailable(read).await.flatten();
        let error = |failure| io::Error::other(guard.context.read_error(failure).sentence);
        let (bytes, next) = part.map_err(error)?;
        Ok(Some((bytes, (next, guard))))
    })
}

/// Also returns where the next part starts; `None` at the end.
async fn part(context: &RequestContext, id: ImportId, start: Start) -> Outcome<(Bytes, Option<Start>)> {
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
    Ok((text.into_bytes().map_err(Failure::fault)?.into(), next))
}

fn row(formats: &Formats, line: &ImportLine) -> [String; RESULT_COLUMNS.len()] {
    // If no id could be read, the text is something else on the line. It is left out because a later import of this
    // file would read it as an id.
    let is_id = !matches!(line.fault, Some(LineFault::Empty | LineFault::QuoteNotClosed));
    let text = if is_id { line.text.clone() } else { String::new() };
    [
        line.line_number.to_string(),
        text,
        line.workspace.map(|id| id.to_string()).unwrap_or_default(),
        line.workspace_name.clone().unwrap_or_default(),
        line.outcome.map_or("not_done", |outcome| outcome.into_str()).to_owned(),
        line_sentence(line, formats),
        line.enrollment.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
