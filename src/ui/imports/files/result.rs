//! What each line of an import came to, as a CSV file of any length in little memory.

use std::io;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};

use crate::export::table::Format;
use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::Problem;
use crate::platform::csv::CsvText;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::imports::model::{Import, ImportLine, LineFault, RESULT_COLUMNS, line_position};
use crate::resources::imports::ops::{import_get, import_lines};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::line_sentence;
use crate::ui::server::download;
use crate::ui::server::session::{Guest, RequestContext, status};

/// A page of lines is smaller.
const PART: usize = 64 * 1024;

/// `GET /groups/{id}/bulk/{import}/result.csv`, for anybody who may look.
pub async fn result(
    Extension(visit): Extension<RequestContext>,
    Path((group, import)): Path<(String, String)>,
) -> Response {
    match find(&visit, &group, &import).await {
        Ok(import) => {
            let name = format!("attachment; filename=\"groupdesk-import-{}.csv\"", import.id);
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, download::body(Format::Csv, parts(visit, import.id))).into_response()
        }
        Err(failure) => {
            let error = visit.unread(failure);
            (status(error.kind), format!("{}\n", error.sentence)).into_response()
        }
    }
}

async fn find(visit: &RequestContext, group: &str, import: &str) -> Outcome<Import> {
    visit.operator()?;
    let group: GroupId = group.parse().map_err(|_| Problem::FormMalformed)?;
    let id: ImportId = import.parse().map_err(|_| Problem::FormMalformed)?;
    let found = import_get(&mut *visit.state.pool.acquire().await?, id).await?;
    // Before it is started nothing came of anything.
    if found.group != group || found.started_at.is_none() {
        return Err(Problem::ImportNotFound(id).into());
    }
    Ok(found)
}

/// Where it goes on; `None`: it has ended.
type Next = Option<Start>;

/// Each part is read when the client has taken the one before: a slow one costs no memory, and holds no
/// connection of the database while it takes its time. A failure breaks the body off, which a client sees.
fn parts(visit: RequestContext, id: ImportId) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let begun = (Some(Start::Beginning), Guest::new(visit));
    stream::unfold(begun, move |(next, mut guest): (Next, Guest)| async move {
        let start = next?;
        let connections = guest.visit.state.pool.clone();
        let read = async {
            guest.is_welcome().await?;
            part(&guest.visit, id, start).await
        };
        match connections.cancel_if_unavailable(read).await.flatten() {
            Ok((bytes, next)) => Some((Ok(bytes), (next, guest))),
            Err(failure) => {
                let told = guest.visit.unread(failure).sentence;
                Some((Err(io::Error::other(told)), (None, guest)))
            }
        }
    })
}

async fn part(visit: &RequestContext, id: ImportId, start: Start) -> Outcome<(Bytes, Next)> {
    let mut text = CsvText::with_capacity(PART);
    if start == Start::Beginning {
        text.row(RESULT_COLUMNS).map_err(Failure::fault)?;
    }
    let request = PageRequest { size: PAGE_SIZE_MAX, start };
    let page = {
        let mut connection = visit.state.pool.acquire().await?;
        import_lines(&mut connection, id, None, &request).await?
    };
    let formats = visit.formats();
    for line in &page.items {
        text.row(row(&formats, line)).map_err(Failure::fault)?;
    }
    let last = page.items.last().filter(|_| page.has_next);
    let next = last.map(|last| Start::After(line_position(last)));
    Ok((text.into_bytes().map_err(Failure::fault)?.into(), next))
}

fn row(formats: &Formats, line: &ImportLine) -> [String; RESULT_COLUMNS.len()] {
    // Where no id could be read, the text is something else that stands on the line. When the file is imported
    // again, it must not be taken for an id.
    let is_id = !matches!(line.fault, Some(LineFault::Empty | LineFault::QuoteNotClosed));
    let text = if is_id { line.text.clone() } else { String::new() };
    [
        line.line_number.to_string(),
        text,
        line.workspace.map(|id| id.to_string()).unwrap_or_default(),
        line.workspace_name.clone().unwrap_or_default(),
        line.outcome.map_or("not_done", |outcome| outcome.word()).to_owned(),
        line_sentence(line, formats),
        line.enrollment.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
