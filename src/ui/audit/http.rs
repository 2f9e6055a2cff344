//! Requests beside the audit pages that are not pages: the target of their forms, and the files.

use axum::Extension;
use axum::extract::RawQuery;
use axum::response::{Redirect, Response};
use chrono::{DateTime, Utc};

use crate::export::Subject;
use crate::export::table::Format;
use crate::ui::audit::queries::choices;
use crate::ui::audit::view::{NOBODY, Noun, View, as_of, comparison, events, fields, instant, moments};
use crate::ui::locale::viewer_locale::{DayEdge, ViewerLocale};
use crate::ui::server::download;
use crate::ui::server::prelude::*;

/// `GET /audit/go`: redirects from the names and local times of a form to an address of ids and UTC instants.
pub async fn go(Extension(context): Extension<RequestContext>) -> Response {
    let address = canonical(&context, &context.viewer.address()).await;
    download::respond(&context, address.map(|address| Redirect::to(&address.to_string())))
}

async fn canonical(context: &RequestContext, typed: &Address) -> Outcome<Address> {
    let view = View::ALL.into_iter().find(|view| typed.get("view") == Some(view.path()));
    let view = view.unwrap_or(View::Events);
    let mut address = Address::of(view.path());
    let mut connection = context.state.pool.acquire().await?;
    for noun in view.nouns() {
        address = with_noun(&mut connection, address, noun, typed).await?;
    }
    for name in ["action", "source", "change"] {
        if let Some(word) = typed.get(name).filter(|_| view.parameters().contains(&name)) {
            address = address.with(name, word);
        }
    }
    // The times are meant in the zone that the form was made for, even if the viewer has changed it since.
    let mut locale = context.viewer.locale;
    locale.zone = typed.get("zone").and_then(|zone| zone.parse().ok()).unwrap_or(locale.zone);
    for &(name, _, edge) in view.moments() {
        address = address.with(name, &moment_parameter(context.viewer.now, locale, typed, name, edge));
    }
    Ok(address)
}

/// Adds the id of the chosen resource, or of the only match. Without a unique match it adds the text, and the page
/// offers the matches.
async fn with_noun(
    connection: &mut Connection,
    address: Address,
    noun: Noun,
    typed: &Address,
) -> Outcome<Address> {
    let nobody = (noun == Noun::Person && typed.get("nobody").is_some()).then_some(NOBODY);
    if let Some(id) = nobody.or_else(|| typed.get(noun.into_str())) {
        return Ok(address.with(noun.into_str(), id));
    }
    let text = typed.get(noun.search()).unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(address);
    }
    let choices = choices(connection, noun, text).await?;
    Ok(match choices.unique() {
        Some(choice) => address.with(noun.into_str(), &choice.id),
        None => address.with(noun.search(), text),
    })
}

/// Text that is not a moment stays as it is, for the page to refuse.
pub fn moment_parameter(
    now: DateTime<Utc>,
    locale: ViewerLocale,
    typed: &Address,
    name: &str,
    edge: DayEdge,
) -> String {
    let part = |part: &str| typed.get(&format!("{name}_{part}")).unwrap_or_default();
    let (day, time) = (part("day"), part("time"));
    let before = typed.get(name);
    // Emptying the day clears the moment.
    if day.is_empty() && (time.is_empty() || before.is_some()) {
        return String::new();
    }
    // A time that never had a day is one of today.
    let today = locale.day_of(now).to_string();
    let day = if day.is_empty() { &today } else { day };
    // Unchanged fields keep the seconds, and which of two equal hours it is when the clocks are set back.
    let unchanged = before.and_then(|at| Some(fields(locale, edge, at.parse().ok()?)));
    if let Some(unchanged) = unchanged.filter(|fields| fields.day == day && fields.time == time) {
        return unchanged.exact;
    }
    let text = if time.is_empty() { day.to_owned() } else { format!("{day}T{time}") };
    let Some(at) = locale.read_edge(&text, edge) else { return text };
    // The end of today is now for a look back. A range of events may end in the future.
    let is_today = time.is_empty() && today == day;
    if is_today && edge != DayEdge::NextStart { instant(at.min(now)) } else { instant(at) }
}

/// `/audit/export.csv`, `/audit/as-of/export.ndjson` and so on: the whole list of an audit page as a file, with the
/// parameters of the page. Every operator may export.
pub async fn file(
    view: View,
    format: Format,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let here = Address::of(&format!("{}?{}", view.path(), query.unwrap_or_default()));
    let answer = async {
        context.operator()?;
        if let Some(filter) = view.undecided(&here) {
            return Err(
                Problem::FilterUnknown(format!("{filter}={}", here.get(filter).unwrap_or_default())).into()
            );
        }
        let (subject, name) = subject(view, &here, context.viewer.now)?;
        download::export(&context, subject, format, &name).await
    };
    download::respond(&context, answer.await)
}

/// The content of the file and its name, in characters that every file system accepts.
fn subject(view: View, here: &Address, now: DateTime<Utc>) -> Result<(Subject, String), Problem> {
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let unanswered = || Problem::FilterUnknown(here.to_string());
    Ok(match view {
        View::Events => (Subject::events_until(events(here)?, now), format!("events-{}", stamp(now))),
        View::AsOf => {
            let (at, filter) = as_of(here, now)?;
            (Subject::Enrollments(filter.ok_or_else(unanswered)?), format!("as-of-{}", stamp(at)))
        }
        View::Comparison => {
            let (earlier, later) = moments(here, now)?;
            let name = format!("comparison-{}-{}", stamp(earlier.unwrap_or(now)), stamp(later));
            (Subject::Comparison(comparison(here, now)?.map_err(|_| unanswered())?), name)
        }
    })
}
