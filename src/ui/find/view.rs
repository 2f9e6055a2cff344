//! What the lists of a group, a workspace and a person are searched and filtered by. The address has all of it, so a link shows
//! the same to everyone. `http.rs` makes it from what people type.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::page::TimeRange;
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter};
use crate::resources::enrollment_events::ops::event_count;
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentSort, EnrollmentSortKey, Liveness};
use crate::resources::people::model::{ByPerson, Person};
use crate::resources::people::ops::person_get;
use crate::ui::audit::view::{
    Choice, Choices, NOBODY, NOBODY_NAME, Noun, fields, people_choices, read as parameter,
};
use crate::ui::locale::viewer_locale::{DayEdge, DayTime};
use crate::ui::server::prelude::*;

/// The parameters of a search, which the tabs of a page share.
pub const PARAMETERS: [&str; 5] = ["q", "person", "find_person", "from", "until"];

/// The two moments of a search, and the meaning of a day without a time.
pub const MOMENTS: [(&str, DayEdge); 2] = [("from", DayEdge::Start), ("until", DayEdge::NextStart)];

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    pub search: Option<String>,
    pub by: Option<ByPerson>,
    /// A text that no single person matches. Nothing is shown until one is chosen, because a list without this filter would
    /// be taken for the answer.
    pub unresolved: Option<String>,
    pub range: TimeRange,
}

impl Finding {
    /// A malformed parameter is `FilterUnknown`.
    pub fn of(here: &Address) -> Result<Self, Problem> {
        let by = match here.get("person") {
            Some(NOBODY) => Some(ByPerson::Nobody),
            Some(_) | None => parameter(here, "person")?.map(|id| ByPerson::OneOf(vec![id])),
        };
        let unresolved = here.get("find_person").filter(|_| by.is_none()).map(str::to_owned);
        let range = TimeRange { from: parameter(here, "from")?, before: parameter(here, "until")? };
        Ok(Self { search: here.get("q").and_then(searched), by, unresolved, range })
    }

    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }

    /// Live enrollments, or those of any status, by the time of the enrollment.
    pub fn enrolled(&self, filter: EnrollmentFilter) -> EnrollmentFilter {
        let created_by = self.by.clone().or(filter.created_by);
        EnrollmentFilter { search: self.search.clone(), created_by, created_at: self.range, ..filter }
    }

    /// Enrollments that were removed from a group, by the time of the removal.
    pub fn removed(&self, group: GroupId) -> EnrollmentFilter {
        EnrollmentFilter {
            search: self.search.clone(),
            created_by: self.by.clone(),
            liveness: Liveness::Now(Status::Removed),
            deleted_at: self.range,
            ..EnrollmentFilter::in_group(group)
        }
    }

    pub fn events(&self, filter: EventFilter) -> EventFilter {
        let actor = self.by.clone().or(filter.actor);
        EventFilter { search: self.search.clone(), actor, occurred_at: self.range, ..filter }
    }
}

/// The parameters of a search in a form that changes all that it has found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchForm {
    q: String,
    person: String,
    from: String,
    until: String,
}

impl SearchForm {
    /// A form without a search would concern the whole group.
    pub fn finding(&self) -> Result<Finding, Problem> {
        self.finding_or_all(false)
    }

    /// `may_be_all`: the form may concern the whole group.
    pub fn finding_or_all(&self, may_be_all: bool) -> Result<Finding, Problem> {
        let fields = [("q", &self.q), ("person", &self.person), ("from", &self.from), ("until", &self.until)];
        let here = fields.into_iter().fold(Address::of("/"), |here, (name, value)| here.with(name, value));
        let finding = Finding::of(&here)?;
        if may_be_all || finding.is_active() { Ok(finding) } else { Err(Problem::FormMalformed) }
    }
}

/// The order of the address, if it is one of these keys, or the default.
pub fn sort_of(here: &Address, keys: &[EnrollmentSortKey], default: EnrollmentSort) -> EnrollmentSort {
    let asked = here.get("sort").and_then(|text| text.parse::<EnrollmentSort>().ok());
    let offered = asked.filter(|sort| sort.0.iter().all(|(key, _)| keys.contains(key)));
    offered.unwrap_or(default).with_tie()
}

/// What the form above a list shows.
#[derive(Debug, Clone)]
pub struct FindForm {
    pub search: String,
    /// The chosen person.
    pub chosen: Option<Choice>,
    /// The people that the typed text may mean.
    pub choices: Option<Choices>,
    pub moments: Vec<(&'static str, DayTime)>,
    pub zone: String,
}

pub enum Rows<T> {
    Page(ListPage<T>),
    /// The text matches too many workspaces or groups.
    TooBroad,
    /// No single person is chosen yet.
    Unresolved,
}

/// A list with the form above it.
pub struct Found<T> {
    pub form: FindForm,
    pub rows: Rows<T>,
    pub is_filtered: bool,
    /// The number of all rows, if it is known or was requested.
    pub total: Option<i64>,
}

/// Reads a list with its form. `known` is the number of all rows without a search, and `count` counts those of a search.
pub async fn found<T>(
    connection: &mut Connection,
    context: &RequestContext,
    finding: &Finding,
    known: Option<i64>,
    load: impl AsyncFnOnce(&mut Connection) -> Outcome<ListPage<T>>,
    count: impl AsyncFnOnce(&mut Connection) -> Outcome<i64>,
) -> Outcome<Found<T>> {
    let form = form(connection, context, finding).await?;
    let is_filtered = finding.is_active();
    if finding.unresolved.is_some() {
        return Ok(Found { form, rows: Rows::Unresolved, is_filtered, total: None });
    }
    let page = match load(connection).await {
        Ok(page) => page,
        Err(Failure::Problem(Problem::SearchTooBroad)) => {
            return Ok(Found { form, rows: Rows::TooBroad, is_filtered, total: None });
        }
        Err(failure) => return Err(failure),
    };
    let total = match known {
        Some(known) if !is_filtered => Some(known),
        _ if context.viewer.query("count").is_some() => Some(count(connection).await?),
        Some(_) | None => None,
    };
    Ok(Found { form, rows: Rows::Page(page), is_filtered, total })
}

/// The events that the filter and the search of the address have in common, the latest first.
pub async fn found_events(list: &str, filter: EventFilter) -> Result<Found<EnrollmentEvent>, UiError> {
    read(async |connection, context| {
        let finding = Finding::of(&context.viewer.address())?;
        let filter = finding.events(filter.clone());
        found(
            connection,
            context,
            &finding,
            None,
            async |connection| event_page(connection, context, list, &filter).await,
            async |connection| event_count(connection, &filter).await,
        )
        .await
    })
    .await
}

async fn form(connection: &mut Connection, context: &RequestContext, finding: &Finding) -> Outcome<FindForm> {
    let chosen = match &finding.by {
        None => None,
        Some(ByPerson::Nobody) => {
            Some(Choice { id: NOBODY.to_owned(), name: NOBODY_NAME.to_owned(), detail: None })
        }
        Some(ByPerson::OneOf(people)) => match people.first() {
            Some(&id) => Some(chosen(&person_get(connection, id).await?)),
            None => None,
        },
    };
    let choices = match &finding.unresolved {
        Some(text) => Some(choices(connection, text).await?),
        None => None,
    };
    let locale = context.viewer.locale;
    let at = [finding.range.from, finding.range.before];
    let moment = |((name, edge), at): ((&'static str, DayEdge), Option<DateTime<Utc>>)| {
        (name, at.map(|at| fields(locale, edge, at)).unwrap_or_default())
    };
    let moments = MOMENTS.into_iter().zip(at).map(moment).collect();
    let search = finding.search.clone().unwrap_or_default();
    Ok(FindForm { search, chosen, choices, moments, zone: locale.zone.to_string() })
}

fn chosen(person: &Person) -> Choice {
    Choice { id: person.id.to_string(), name: person.display_name(), detail: None }
}

/// The people that a typed text may mean.
pub async fn choices(connection: &mut Connection, text: &str) -> Outcome<Choices> {
    let text = searched(text).unwrap_or_default();
    let page = people_choices(connection, &text).await?;
    Ok(Choices { noun: Noun::Person, text, found: page.items, has_more: page.has_next })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    fn finding(query: &str) -> Result<Finding, Problem> {
        Finding::of(&Address::of(&format!("/groups/{ID}?{query}")))
    }

    #[test]
    fn an_address_has_the_whole_search() {
        let found =
            finding(&format!("q=+Acme+&person={ID}&find_person=ana&from=2026-05-01T00:00:00Z")).unwrap();
        assert_eq!(found.search.as_deref(), Some("Acme"));
        assert_eq!(found.unresolved, None, "a person is chosen");
        let filter = found.removed(ID.parse().unwrap());
        assert_eq!(filter.deleted_at.from, found.range.from);
        assert!(matches!(filter.created_by, Some(ByPerson::OneOf(people)) if people.len() == 1));
        assert!(!finding("tab=removed&sort=created_at&q=").unwrap().is_active());
        assert_eq!(finding("find_person=ana").unwrap().unresolved.as_deref(), Some("ana"));
        assert_eq!(finding("person=ana"), Err(Problem::FilterUnknown("person=ana".to_owned())));
    }

    #[test]
    fn an_order_that_a_list_does_not_have_is_its_default() {
        let sort = |query: &str| {
            let here = Address::of(&format!("/groups/{ID}?{query}"));
            let keys = [EnrollmentSortKey::CreatedAt, EnrollmentSortKey::WorkspaceName];
            sort_of(&here, &keys, Sort::descending(EnrollmentSortKey::CreatedAt)).words()
        };
        assert_eq!(sort("sort=-workspace.name"), "-workspace.name");
        assert_eq!(sort("sort=deleted_at"), "-created_at");
        assert_eq!(sort("sort=name"), "-created_at");
    }
}
