//! The addresses of the audit pages. They contain UTC instants and ids, so that a link shows the same to everyone;
//! `http/canonical_url.rs` makes them from what people type.

use chrono::{DateTime, SecondsFormat, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::kernel::id::{GroupId, PersonId, WorkspaceId};
use crate::kernel::page::TimeRange;
use crate::kernel::problem::Problem;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::people::model::ByPerson;
use crate::ui::address::Address;
use crate::ui::locale::days::{DayEdge, DayTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The log of events.
    Events,
    /// The enrollments that were live at one moment.
    AsOf,
    /// The changes in a group between two moments.
    Comparison,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Events, Self::AsOf, Self::Comparison];

    pub const fn path(self) -> &'static str {
        match self {
            Self::Events => "/audit",
            Self::AsOf => "/audit/as-of",
            Self::Comparison => "/audit/compare",
        }
    }

    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.path() == path)
    }

    /// The parameters that its address may have.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["person", "group", "workspace", "action", "source", "from", "until"],
            Self::AsOf => &["group", "workspace", "at"],
            Self::Comparison => &["group", "earlier", "later", "change"],
        }
    }

    /// The nouns that it can be filtered by.
    pub const fn nouns(self) -> &'static [Noun] {
        match self {
            Self::Events => Noun::VARIANTS,
            Self::AsOf => &[Noun::Group, Noun::Workspace],
            Self::Comparison => &[Noun::Group],
        }
    }

    /// Its address for the group, workspace and person of another view.
    pub fn link(self, here: &Address) -> Address {
        let filters =
            self.nouns().iter().filter_map(|noun| Some((noun.into_str(), here.get(noun.into_str())?)));
        filters.fold(Address::of(self.path()), |address, (name, value)| address.with(name, value))
    }
}

/// A resource that the audit pages are filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Noun {
    Group,
    Workspace,
    Person,
}

impl Noun {
    /// The parameter that contains the text to find it by, as long as several match.
    pub const fn search(self) -> &'static str {
        match self {
            Self::Group => "find_group",
            Self::Workspace => "find_workspace",
            Self::Person => "find_person",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub name: String,
    /// Distinguishes it from others of the same name.
    pub detail: Option<String>,
}

/// The matches of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub noun: Noun,
    pub text: String,
    pub found: Vec<Choice>,
    pub has_more: bool,
}

impl Choices {
    /// The only match, or the only one with exactly this name.
    pub fn unique(&self) -> Option<&Choice> {
        if self.has_more {
            return None;
        }
        if let [only] = &self.found[..] {
            return Some(only);
        }
        let text = self.text.to_lowercase();
        let mut exact = self.found.iter().filter(|choice| choice.name.to_lowercase() == text);
        exact.next().filter(|_| exact.next().is_none())
    }
}

/// The values of the form above a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub chosen: Vec<(Noun, Choice)>,
    pub choices: Vec<Choices>,
    /// By parameter.
    pub moments: Vec<(String, DayTime)>,
    /// The time zone of the moments.
    pub zone: String,
}

impl Form {
    pub fn chosen(&self, noun: Noun) -> Option<&Choice> {
        self.chosen.iter().find(|(known, _)| *known == noun).map(|(_, choice)| choice)
    }

    pub fn moment(&self, name: &str) -> DayTime {
        let found = self.moments.iter().find(|(known, _)| known == name);
        found.map(|(_, fields)| fields.clone()).unwrap_or_default()
    }
}

/// The value of the parameter `person` for changes without a person.
pub const NOBODY: &str = "none";

/// A moment as a parameter.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The opposite of [`instant`].
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    text.parse().ok()
}

/// The meaning of a day without a time, if this parameter is a moment.
pub fn day_edge(parameter: &str) -> Option<DayEdge> {
    match parameter {
        "from" => Some(DayEdge::Start),
        "until" => Some(DayEdge::NextStart),
        "at" | "earlier" | "later" => Some(DayEdge::End),
        _ => None,
    }
}

/// A malformed parameter is refused and not ignored, because an ignored filter would show too much.
fn read<T>(here: &Address, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    let Some(text) = here.get(name) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| Problem::FilterUnknown(format!("{name}={text}")))
}

pub fn group(here: &Address) -> Result<Option<GroupId>, Problem> {
    read(here, Noun::Group.into_str(), |text| text.parse().ok())
}

pub fn workspace(here: &Address) -> Result<Option<WorkspaceId>, Problem> {
    read(here, Noun::Workspace.into_str(), |text| text.parse().ok())
}

pub fn person(here: &Address) -> Result<Option<ByPerson>, Problem> {
    read(here, Noun::Person.into_str(), |text| {
        if text == NOBODY {
            return Some(ByPerson::Nobody);
        }
        text.parse::<PersonId>().ok().map(|id| ByPerson::OneOf(vec![id]))
    })
}

/// # Errors
/// `FilterUnknown`.
pub fn events(here: &Address) -> Result<EventFilter, Problem> {
    Ok(EventFilter {
        enrollments: Vec::new(),
        groups: group(here)?.into_iter().collect(),
        workspaces: workspace(here)?.into_iter().collect(),
        actor: person(here)?,
        actions: read(here, "action", |word| word.parse().ok())?.into_iter().collect(),
        sources: read(here, "source", |word| word.parse().ok())?.into_iter().collect(),
        occurred_at: TimeRange { from: read(here, "from", moment)?, before: read(here, "until", moment)? },
    })
}

/// The reason why a page shows a form and no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    Incomplete,
    InFuture,
}

/// The moment of the address, by default now.
///
/// # Errors
/// `FilterUnknown`.
pub fn as_of_moment(here: &Address, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    Ok(read(here, "at", moment)?.unwrap_or(now))
}

/// # Errors
/// `FilterUnknown`.
pub fn as_of(here: &Address, now: DateTime<Utc>) -> Result<Result<EnrollmentFilter, Unanswered>, Problem> {
    let (group, workspace, at) = (group(here)?, workspace(here)?, as_of_moment(here, now)?);
    if at > now {
        return Ok(Err(Unanswered::InFuture));
    }
    Ok(Ok(EnrollmentFilter {
        groups: group.into_iter().collect(),
        workspaces: workspace.into_iter().collect(),
        liveness: Liveness::AsOf(at),
        ..EnrollmentFilter::default()
    }))
}

/// The two moments of the address. The later one is now by default.
///
/// # Errors
/// `FilterUnknown`.
pub fn moments(
    here: &Address,
    now: DateTime<Utc>,
) -> Result<(Option<DateTime<Utc>>, DateTime<Utc>), Problem> {
    Ok((read(here, "earlier", moment)?, read(here, "later", moment)?.unwrap_or(now)))
}

/// # Errors
/// `FilterUnknown`.
pub fn comparison(here: &Address, now: DateTime<Utc>) -> Result<Result<Comparison, Unanswered>, Problem> {
    let (group, (earlier, later)) = (group(here)?, moments(here, now)?);
    Ok(match (group, earlier) {
        (Some(group), Some(earlier)) if earlier.max(later) <= now => {
            Ok(Comparison::between(group, earlier, later))
        }
        (Some(_), Some(_)) => Err(Unanswered::InFuture),
        (Some(_) | None, _) => Err(Unanswered::Incomplete),
    })
}

/// The part of a comparison that is shown. An unknown word means the first.
pub fn change(here: &Address) -> Change {
    here.get("change").and_then(|word| word.parse().ok()).unwrap_or(Change::Added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::Source;
    use crate::resources::enrollment_events::model::EventAction;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    fn address(query: &str) -> Address {
        Address::of(&format!("/audit?{query}"))
    }

    fn now() -> DateTime<Utc> {
        "2026-05-28T09:15:00Z".parse().unwrap()
    }

    #[test]
    fn a_filter_has_all_parameters_of_the_address() {
        let here = address(&format!(
            "person=none&group={ID}&workspace={ID}&action=removed&source=api&from=2026-05-01T00:00:00Z&until=2026-05-02T00:00:00Z"
        ));
        let filter = events(&here).unwrap();
        assert_eq!(filter.actor, Some(ByPerson::Nobody));
        assert_eq!((filter.groups.len(), filter.workspaces.len()), (1, 1));
        assert_eq!((filter.actions, filter.sources), (vec![EventAction::Removed], vec![Source::Api]));
        assert_eq!(filter.occurred_at.from.map(instant).as_deref(), Some("2026-05-01T00:00:00Z"));
        assert_eq!(events(&address("")).unwrap(), EventFilter::default());
    }

    #[test]
    fn malformed_parameters_are_refused() {
        for query in ["group=EMEA", "person=ana", "action=moved", "source=fax", "from=yesterday"] {
            assert_eq!(events(&address(query)), Err(Problem::FilterUnknown(query.to_owned())));
        }
        assert!(as_of(&address("at=2026-05-01"), now()).is_err());
        assert!(comparison(&address("later=1"), now()).is_err());
    }

    #[test]
    fn the_future_is_not_answered() {
        let of = |query: &str| as_of(&address(query), now()).unwrap();
        assert!(of("").is_ok());
        assert_eq!(of(&format!("group={ID}&at=2026-05-28T09:15:00.001Z")), Err(Unanswered::InFuture));
        assert!(of(&format!("workspace={ID}&at=2026-05-28T09:15:00Z")).is_ok());
        let compared = |query: &str| comparison(&address(query), now()).unwrap();
        assert_eq!(compared(&format!("group={ID}")), Err(Unanswered::Incomplete));
        assert_eq!(compared(&format!("group={ID}&earlier=2027-01-01T00:00:00Z")), Err(Unanswered::InFuture));
        let found = compared(&format!("group={ID}&earlier=2026-05-01T00:00:00Z"));
        assert_eq!(found.unwrap().later, now());
    }

    #[test]
    fn a_link_to_another_view_keeps_its_filters() {
        let here = address(&format!("group={ID}&person=none&action=removed"));
        assert_eq!(View::Comparison.link(&here).to_string(), format!("/audit/compare?group={ID}"));
    }
}
