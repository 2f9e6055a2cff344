//! `GET /audit/go`: the target of the forms of the audit pages. It turns names and local times into an address of ids
//! and UTC instants, and redirects there.

use axum::Extension;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Redirect, Response};
use chrono_tz::Tz;

use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::ui::address::Address;
use crate::ui::audit::http::export;
use crate::ui::audit::queries::{choices, fields};
use crate::ui::audit::view::{NOBODY, Noun, View, day_edge, instant, moment};
use crate::ui::locale::days::DayEdge;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::server::session::RequestContext;

pub async fn go(Extension(context): Extension<RequestContext>, RawQuery(query): RawQuery) -> Response {
    let typed = Address::of(&format!("/audit/go?{}", query.unwrap_or_default()));
    match canonical(&context, &typed).await {
        Ok(address) => Redirect::to(&address.to_string()).into_response(),
        Err(failure) => export::refused(&context, failure),
    }
}

async fn canonical(context: &RequestContext, typed: &Address) -> Outcome<Address> {
    let view = typed.get("view").and_then(View::from_path).unwrap_or(View::Events);
    let mut address = Address::of(view.path());
    let mut connection = context.state.pool.acquire().await?;
    for noun in view.nouns() {
        let (name, value) = noun_parameter(&mut connection, *noun, typed).await?;
        address = address.with(name, &value);
    }
    for name in ["action", "source", "change"] {
        if let Some(word) = typed.get(name).filter(|_| view.parameters().contains(&name)) {
            address = address.with(name, word);
        }
    }
    // The times are meant in the zone that the form was made for, even if the viewer has changed it since.
    let zone = typed.get("zone").and_then(|zone| zone.parse::<Tz>().ok());
    let locale = context.viewer.locale;
    let locale = ViewerLocale { zone: zone.unwrap_or(locale.zone), ..locale };
    for name in view.parameters() {
        if let Some(edge) = day_edge(name) {
            address = address.with(name, &moment_parameter(context, locale, typed, name, edge));
        }
    }
    Ok(address)
}

/// The id of the chosen resource or of the only match; otherwise the text, to choose from its matches.
async fn noun_parameter(
    connection: &mut Connection,
    noun: Noun,
    typed: &Address,
) -> Outcome<(&'static str, String)> {
    if noun == Noun::Person && typed.get("nobody").is_some() {
        return Ok((noun.into_str(), NOBODY.to_owned()));
    }
    if let Some(id) = typed.get(noun.into_str()) {
        return Ok((noun.into_str(), id.to_owned()));
    }
    let text = typed.get(noun.search()).unwrap_or_default().trim().to_owned();
    if text.is_empty() {
        return Ok((noun.into_str(), String::new()));
    }
    let choices = choices(connection, noun, &text).await?;
    Ok(match choices.unique() {
        Some(choice) => (noun.into_str(), choice.id.clone()),
        None => (noun.search(), text),
    })
}

/// Text that is not a moment stays as it is, for the page to refuse.
fn moment_parameter(
    context: &RequestContext,
    locale: ViewerLocale,
    typed: &Address,
    name: &str,
    edge: DayEdge,
) -> String {
    let part = |part: &str| typed.get(&format!("{name}_{part}")).unwrap_or_default().to_owned();
    let (day, time) = (part("day"), part("time"));
    let before = typed.get(name).unwrap_or_default();
    if day.is_empty() {
        // Emptying the day clears the moment. A time that never had a day is for the page to refuse.
        let is_cleared = time.is_empty() || !before.is_empty();
        return if is_cleared { String::new() } else { format!("T{time}") };
    }
    // Unchanged fields keep the seconds, and which of two equal hours it is when the clocks are set back.
    let unchanged = moment(before).and_then(|at| fields(locale, name, at));
    if let Some(unchanged) = unchanged.filter(|fields| fields.day == day && fields.time == time) {
        return unchanged.exact;
    }
    let text = if time.is_empty() { day.clone() } else { format!("{day}T{time}") };
    let Some(at) = locale.read_edge(&text, edge) else { return text };
    // The end of today is now for a look back. A range of events may end in the future.
    let now = context.viewer.now;
    let is_today = time.is_empty() && locale.day_of(now).to_string() == day;
    if is_today && edge != DayEdge::NextStart { instant(at.min(now)) } else { instant(at) }
}
