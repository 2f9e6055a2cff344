//! `GET /audit/go`: where the forms of the audit pages lead. It turns what was typed, names and local
//! times, into an address of ids and UTC instants, and goes there.

use axum::Extension;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;

use crate::platform::failure::Outcome;
use crate::ui::address::Address;
use crate::ui::audit::files;
use crate::ui::audit::form::held;
use crate::ui::audit::lookup::choices;
use crate::ui::audit::query::{NOBODY, Noun, View, instant, moment};
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::server::session::RequestContext;

pub async fn go(Extension(visit): Extension<RequestContext>, RawQuery(query): RawQuery) -> Response {
    let typed = Address::of(&format!("/audit/go?{}", query.unwrap_or_default()));
    match canonical(&visit, &typed).await {
        Ok(address) => Redirect::to(&address.to_string()).into_response(),
        Err(failure) => files::refused(&visit, failure),
    }
}

async fn canonical(visit: &RequestContext, typed: &Address) -> Outcome<Address> {
    let view = typed.get("view").and_then(View::from_path).unwrap_or(View::Events);
    let mut address = Address::of(view.path());
    let mut connection = visit.state.pool.acquire().await?;
    for noun in view.nouns() {
        let (name, value) = named(&mut connection, *noun, typed).await?;
        address = address.with(name, &value);
    }
    for name in ["action", "source", "change"] {
        if let Some(word) = typed.get(name).filter(|_| view.parameters().contains(&name)) {
            address = address.with(name, word);
        }
    }
    let place = place(visit.place(), typed);
    for name in view.parameters() {
        if let Some(reader) = reader(name) {
            address = address.with(name, &typed_moment(place, typed, name, reader, visit.now()));
        }
    }
    Ok(address)
}

/// The zone that the form was made for: what was typed is meant in it, whatever the viewer's is by now.
fn place(place: ViewerLocale, typed: &Address) -> ViewerLocale {
    match typed.get("zone").and_then(|zone| zone.parse::<Tz>().ok()) {
        Some(zone) => ViewerLocale { zone, ..place },
        None => place,
    }
}

/// The one thing that was chosen or that the typed name means; else the name, to choose by.
async fn named(
    connection: &mut PgConnection,
    noun: Noun,
    typed: &Address,
) -> Outcome<(&'static str, String)> {
    if noun == Noun::Person && typed.get("nobody").is_some() {
        return Ok((noun.word(), NOBODY.to_owned()));
    }
    if let Some(id) = typed.get(noun.word()) {
        return Ok((noun.word(), id.to_owned()));
    }
    let text = typed.get(noun.search()).unwrap_or_default().trim().to_owned();
    if text.is_empty() {
        return Ok((noun.word(), String::new()));
    }
    let found = choices(connection, noun, &text).await?;
    Ok(match found.meant() {
        Some(choice) => (noun.word(), choice.id.clone()),
        None => (noun.search(), text),
    })
}

type Reader = fn(ViewerLocale, &str) -> Option<DateTime<Utc>>;

/// How a day and a time are read for this parameter, if it is a moment.
fn reader(name: &str) -> Option<Reader> {
    match name {
        "from" => Some(ViewerLocale::read),
        "until" => Some(ViewerLocale::read_until),
        "at" | "earlier" | "later" => Some(ViewerLocale::read_at),
        _ => None,
    }
}

/// The moment that the fields were filled in with, if they still say what they said then: they leave out its
/// seconds, and which of two hours it is when the clocks are set back.
fn untouched(place: ViewerLocale, typed: &Address, name: &str, day: &str, time: &str) -> Option<String> {
    let held = held(place, name, moment(typed.get(name)?)?)?;
    (held.day == day && held.time == time).then_some(held.exact)
}

/// What cannot be read goes on as it is, for the page to refuse. The end of a day that still lasts is
/// now, where one looks back from it; what happens until then may be asked for before it does.
fn typed_moment(
    place: ViewerLocale,
    typed: &Address,
    name: &str,
    read: Reader,
    now: DateTime<Utc>,
) -> String {
    let part = |part: &str| typed.get(&format!("{name}_{part}")).unwrap_or_default().to_owned();
    let (day, time) = (part("day"), part("time"));
    if day.is_empty() {
        // Who empties the day of a moment takes it away. A time alone names none: it is for the page to refuse, too.
        let is_taken_away = time.is_empty() || typed.get(name).is_some_and(|was| !was.is_empty());
        return if is_taken_away { String::new() } else { format!("T{time}") };
    }
    if let Some(exact) = untouched(place, typed, name, &day, &time) {
        return exact;
    }
    let text = if time.is_empty() { day.clone() } else { format!("{day}T{time}") };
    let Some(at) = read(place, &text) else { return text };
    let is_today = time.is_empty() && place.day_of(now).to_string() == day;
    if is_today && name != "until" { instant(at.min(now)) } else { instant(at) }
}
