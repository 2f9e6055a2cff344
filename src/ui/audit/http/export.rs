//! `/audit/export.csv`, `/audit/as-of/export.ndjson` and so on: the whole list of an audit page as a file, with the
//! parameters of the page. Every operator may export.

use std::io;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream};

use crate::export::table::Format;
use crate::export::{Export, Subject};
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::ui::address::Address;
use crate::ui::audit::view::{View, as_of, as_of_moment, comparison, events, moments};
use crate::ui::server::download::{self, SessionGuard};
use crate::ui::server::session::{RequestContext, status};

pub async fn file(
    view: View,
    format: Format,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let here = Address::of(&format!("{}?{}", view.path(), query.unwrap_or_default()));
    match answer(&context, view, format, &here).await {
        Ok(response) => response,
        Err(failure) => refused(&context, failure),
    }
}

/// Plain text, because a download has no page.
pub(super) fn refused(context: &RequestContext, failure: Failure) -> Response {
    let error = context.read_error(failure);
    (status(error.kind), format!("{}\n", error.sentence)).into_response()
}

async fn answer(context: &RequestContext, view: View, format: Format, here: &Address) -> Outcome<Response> {
    context.operator()?;
    let (subject, name) = subject(view, here, context.viewer.now)?;
    let mut export = Export::new(context.state.pool.current(), subject, format);
    // The first part is read before the status is sent, so that an early failure has an error status.
    let first = export.part().await?;
    let disposition = format!("attachment; filename=\"groupdesk-{name}.{}\"", format.into_str());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).map_err(Failure::fault)?),
    ];
    Ok((headers, download::body(format == Format::Csv, parts(context.clone(), first, export)))
        .into_response())
}

/// The content of the file and its name, in characters that every file system accepts.
fn subject(view: View, here: &Address, now: DateTime<Utc>) -> Result<(Subject, String), Problem> {
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let unanswered = |_| Problem::FilterUnknown(here.to_string());
    Ok(match view {
        View::Events => (Subject::events_until(events(here)?, now), format!("events-{}", stamp(now))),
        View::AsOf => {
            let name = format!("as-of-{}", stamp(as_of_moment(here, now)?));
            (Subject::Enrollments(as_of(here, now)?.map_err(unanswered)?), name)
        }
        View::Comparison => {
            let (earlier, later) = moments(here, now)?;
            let name = format!("comparison-{}-{}", stamp(earlier.unwrap_or(now)), stamp(later));
            (Subject::Comparison(comparison(here, now)?.map_err(unanswered)?), name)
        }
    })
}

/// Each part is read when the client has received the previous one, so that a slow client costs no memory and a stopped
/// one no database connection. Someone who is signed out meanwhile does not get the rest. A failure breaks off the
/// chunked body, which the client notices; a short file that looks complete would be worse.
fn parts(
    context: RequestContext,
    first: Option<Vec<u8>>,
    export: Export,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let rest = stream::unfold(Some((export, SessionGuard::new(context))), async |state| {
        let (mut export, mut guard) = state?;
        let pool = guard.context.state.pool.clone();
        let part = async {
            guard.revalidate().await?;
            export.part().await
        };
        match pool.cancel_if_unavailable(part).await.flatten() {
            Ok(part) => Some((Ok(Bytes::from(part?)), Some((export, guard)))),
            // This logs the failure; the client only sees that the file is incomplete.
            Err(failure) => Some((Err(io::Error::other(guard.context.read_error(failure).sentence)), None)),
        }
    });
    stream::iter(first.map(|part| Ok(Bytes::from(part)))).chain(rest)
}
