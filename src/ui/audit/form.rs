//! What the form above a list holds: the names of what was chosen, and moments in the viewer's zone.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::failure::Outcome;
use crate::resources::people::model::ByPerson;
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::address::Address;
use crate::ui::audit::lookup::choices;
use crate::ui::audit::query::{Choice, Form, NOBODY, Noun, View, group, instant, moment, person, workspace};
use crate::ui::components::date_time_fields::DayTime;
use crate::ui::locale::viewer_locale::ViewerLocale;

/// # Errors
/// `FilterUnknown`, and the problems of whatever was chosen and is not there.
pub async fn form(
    connection: &mut PgConnection,
    place: ViewerLocale,
    view: View,
    here: &Address,
) -> Outcome<Form> {
    let mut form = Form {
        chosen: Vec::new(),
        choices: Vec::new(),
        moments: view.parameters().iter().filter_map(|name| fields(place, name, here)).collect(),
        zone: place.zone.to_string(),
    };
    for &noun in view.nouns() {
        if let Some(choice) = chosen(connection, noun, here).await? {
            form.chosen.push((noun, choice));
        } else if let Some(text) = here.get(noun.search()) {
            form.choices.push(choices(connection, noun, text).await?);
        }
    }
    Ok(form)
}

fn fields(place: ViewerLocale, name: &str, here: &Address) -> Option<(String, DayTime)> {
    let at = moment(here.get(name)?)?;
    Some((name.to_owned(), held(place, name, at)?))
}

/// What the fields of this parameter hold for a moment, if it is one.
pub(super) fn held(place: ViewerLocale, name: &str, at: DateTime<Utc>) -> Option<DayTime> {
    let fields = match name {
        "from" => place.fields_from(at),
        "until" => place.fields_until(at),
        "at" | "earlier" | "later" => place.fields_at(at),
        _ => return None,
    };
    Some(DayTime { exact: instant(at), ..fields })
}

async fn chosen(connection: &mut PgConnection, noun: Noun, here: &Address) -> Outcome<Option<Choice>> {
    let choice = |id: String, name: String| Some(Choice { id, name, detail: None });
    Ok(match noun {
        Noun::Group => match group(here)? {
            Some(id) => choice(id.to_string(), group_get(connection, id, false).await?.group.name),
            None => None,
        },
        Noun::Workspace => match workspace(here)? {
            Some(id) => choice(id.to_string(), workspace_get(connection, id).await?.name),
            None => None,
        },
        Noun::Person => match person(here)? {
            Some(ByPerson::OneOf(people)) => match people.first() {
                Some(id) => choice(id.to_string(), person_get(connection, *id).await?.display_name()),
                None => None,
            },
            Some(ByPerson::Nobody) => {
                choice(NOBODY.to_owned(), "no one, or somebody deleted since".to_owned())
            }
            None => None,
        },
    })
}
