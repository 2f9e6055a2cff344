//! What an audit page shows, all of it, as a file: `/audit/export.csv`, `/audit/as-of/export.ndjson` and so
//! on, with the page's own parameters. Any operator may have it.

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
use crate::ui::audit::query::{Asked, View, as_of, as_of_moment, comparison, events};
use crate::ui::server::download;
use crate::ui::server::session::{Guest, RequestContext, status};

/// Answers one page's file in one format.
pub async fn file(
    view: View,
    format: Format,
    Extension(visit): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let here = Address::of(&format!("{}?{}", view.path(), query.unwrap_or_default()));
    match answer(&visit, view, format, &here).await {
        Ok(response) => response,
        Err(failure) => refused(&visit, failure),
    }
}

/// In words alone: what one downloads is no place for a page.
pub(super) fn refused(visit: &RequestContext, failure: Failure) -> Response {
    let error = visit.unread(failure);
    (status(error.kind), format!("{}\n", error.sentence)).into_response()
}

async fn answer(visit: &RequestContext, view: View, format: Format, here: &Address) -> Outcome<Response> {
    visit.operator()?;
    let now = visit.now();
    let name = file_name(view, here, now)?;
    let mut export = Export::new(visit.state.pool.current(), subject(view, here, now)?, format);
    // Before anything is sent: what cannot begin is told by the status.
    let first = export.part().await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, attachment(&name, format)?),
    ];
    Ok((headers, download::body(format, parts(visit.clone(), first, export))).into_response())
}

fn subject(view: View, here: &Address, now: DateTime<Utc>) -> Result<Subject, Problem> {
    fn complete<T>(asked: Asked<T>, here: &Address) -> Result<T, Problem> {
        match asked {
            Asked::Complete(asked) => Ok(asked),
            Asked::Incomplete | Asked::ToCome => Err(Problem::FilterUnknown(here.to_string())),
        }
    }
    match view {
        View::Events => Ok(Subject::events_until(events(here)?, now)),
        View::AsOf => Ok(Subject::Enrollments(complete(as_of(here, now)?, here)?)),
        View::Comparison => Ok(Subject::Comparison(complete(comparison(here, now)?, here)?)),
    }
}

/// What it holds and of when, in signs that every file system takes.
fn file_name(view: View, here: &Address, now: DateTime<Utc>) -> Result<String, Problem> {
    Ok(match view {
        View::Events => format!("groupdesk-events-{}", stamp(now)),
        View::AsOf => format!("groupdesk-as-of-{}", stamp(as_of_moment(here, now)?)),
        View::Comparison => {
            let (earlier, later) = crate::ui::audit::query::moments(here, now)?;
            format!("groupdesk-comparison-{}-{}", stamp(earlier.unwrap_or(now)), stamp(later))
        }
    })
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn attachment(name: &str, format: Format) -> Outcome<HeaderValue> {
    HeaderValue::try_from(format!("attachment; filename=\"{name}.{}\"", format.word()))
        .map_err(Failure::fault)
}

/// Each part is read when the client has taken the one before: a slow one costs no memory and one that
/// stops no connection of the database, and whoever is signed out or disabled meanwhile does not get the
/// rest. A failure breaks the body off, which a client sees: the end of a chunked body is missing. A short
/// file that looks whole would be worse than none.
fn parts(
    visit: RequestContext,
    first: Option<Vec<u8>>,
    export: Export,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let rest = stream::unfold(Some((export, Guest::new(visit))), async |taken| {
        let (mut export, mut guest) = taken?;
        let connections = guest.visit.state.pool.clone();
        let part = async {
            guest.is_welcome().await?;
            export.part().await
        };
        match connections.cancel_if_unavailable(part).await.flatten() {
            Ok(part) => Some((Ok(Bytes::from(part?)), Some((export, guest)))),
            Err(failure) => {
                // Told to the log; whoever downloads sees that it broke off.
                Some((Err(io::Error::other(guest.visit.unread(failure).sentence)), None))
            }
        }
    });
    stream::iter(first.map(|part| Ok(Bytes::from(part)))).chain(rest)
}
