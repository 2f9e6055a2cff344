//! Downloaded files: their bodies, and the check of the session while they are sent.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, stream};
use tokio::time::Instant;

use crate::export::table::Format;
use crate::export::{Export, Subject};
use crate::kernel::spreadsheet::BYTE_ORDER_MARK;
use crate::ui::server::prelude::*;
use crate::ui::server::session::status;

/// How long a response continues after its operator is signed out or disabled.
const INTERVAL: Duration = Duration::from_secs(5);

/// Tables begin with a byte-order mark, without which Excel garbles accented letters.
pub fn body(is_table: bool, parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    let mark = is_table.then(|| Ok(Bytes::from_static(BYTE_ORDER_MARK.as_bytes())));
    // Fused, because compression polls the stream after its end.
    Body::from_stream(stream::iter(mark).chain(parts).fuse())
}

/// The whole of `subject` as a file. `name` has characters that every file system accepts.
pub async fn export(
    context: &RequestContext,
    subject: Subject,
    format: Format,
    name: &str,
) -> Outcome<Response> {
    let mut export = Export::new(context.reads().up_to_now().await, subject, format);
    // The first part is read before the status is sent, so that an early failure has an error status.
    let first = export.part().await?;
    let disposition = format!("attachment; filename=\"groupdesk-{name}.{}\"", format.into_str());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(Failure::fault)?),
    ];
    let rest = parts(context.clone(), export, |_, mut export| async {
        Ok(export.part().await?.map(|text| (Bytes::from(text), Some(export))))
    });
    let parts = stream::iter(first.map(|text| Ok(Bytes::from(text)))).chain(rest);
    Ok((headers, body(format == Format::Csv, parts)).into_response())
}

/// A refusal is plain text, because a download has no page.
pub fn respond(context: &RequestContext, outcome: Outcome<impl IntoResponse>) -> Response {
    let refused = |failure| {
        let error = context.read_error(failure);
        (status(error.kind), format!("{}\n", error.sentence)).into_response()
    };
    outcome.map_or_else(refused, IntoResponse::into_response)
}

/// A file in parts. `next` reads the part that starts at a state, and returns it with the state of the following part, if
/// there is one; `None` ends the file.
///
/// Each part is read when the client has received the previous one, so that a slow client costs no memory and a stopped
/// one no database connection. An operator who is signed out in between does not get the rest. A failure breaks off the
/// chunked body, which the client notices; a short file that looks complete would be worse.
pub fn parts<S, Part>(
    context: RequestContext,
    start: S,
    next: impl Fn(RequestContext, S) -> Part + Send + Sync + 'static,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static
where
    S: Send + 'static,
    Part: Future<Output = Outcome<Option<(Bytes, Option<S>)>>> + Send,
{
    stream::try_unfold(
        (Some(start), context, Instant::now(), next),
        |(start, context, mut checked_at, next)| async move {
            let Some(start) = start else { return Ok(None) };
            let read = async {
                if checked_at.elapsed() >= INTERVAL {
                    checked_at = Instant::now();
                    if !context.is_still_signed_in().await? {
                        return Err(Problem::SignedOut.into());
                    }
                }
                next(context.clone(), start).await
            };
            let part = context.state.pool.cancel_if_unavailable(read).await.flatten();
            // This logs the failure; the client only sees that the file is incomplete.
            let part = part.map_err(|failure| io::Error::other(context.read_error(failure).sentence))?;
            Ok(part.map(|(bytes, start)| (bytes, (start, context, checked_at, next))))
        },
    )
}
