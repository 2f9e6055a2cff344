//! The form above a list: the names of the chosen resources, and moments in the viewer's time zone.

use chrono::{DateTime, Utc};

use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::people::model::ByPerson;
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::address::Address;
use crate::ui::audit::queries::lookup::choices;
use crate::ui::audit::view::{
    Choice, Form, NOBODY, Noun, View, day_edge, group, instant, moment, person, workspace,
};
use crate::ui::locale::days::DayTime;
use crate::ui::locale::viewer_locale::ViewerLocale;

/// # Errors
/// `FilterUnknown`, and the problems of a chosen resource that does not exist.
pub async fn form(
    connection: &mut Connection,
    locale: ViewerLocale,
    view: View,
    here: &Address,
) -> Outcome<Form> {
    let moments = view.parameters().iter().filter_map(|name| {
        let at = moment(here.get(name)?)?;
        Some(((*name).to_owned(), fields(locale, name, at)?))
    });
    let mut form = Form {
        chosen: Vec::new(),
        choices: Vec::new(),
        moments: moments.collect(),
        zone: locale.zone.to_string(),
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

/// The fields of this parameter for a moment; `None` if the parameter is not a moment.
pub fn fields(locale: ViewerLocale, name: &str, at: DateTime<Utc>) -> Option<DayTime> {
    Some(DayTime { exact: instant(at), ..locale.fields(at, day_edge(name)?) })
}

async fn chosen(connection: &mut Connection, noun: Noun, here: &Address) -> Outcome<Option<Choice>> {
    let (id, name) = match noun {
        Noun::Group => {
            let Some(id) = group(here)? else { return Ok(None) };
            (id.to_string(), group_get(connection, id, false).await?.group.name)
        }
        Noun::Workspace => {
            let Some(id) = workspace(here)? else { return Ok(None) };
            (id.to_string(), workspace_get(connection, id).await?.name)
        }
        Noun::Person => match person(here)? {
            Some(ByPerson::OneOf(people)) => {
                let Some(id) = people.first() else { return Ok(None) };
                (id.to_string(), person_get(connection, *id).await?.display_name())
            }
            Some(ByPerson::Nobody) => (NOBODY.to_owned(), "no one, or a deleted person".to_owned()),
            None => return Ok(None),
        },
    };
    Ok(Some(Choice { id, name, detail: None }))
}
