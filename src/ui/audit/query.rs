//! What the addresses of the audit pages say. They hold UTC instants and ids, so that a link shows the
//! same to everybody; what people type is turned into them by `audit/canonical_url.rs`, without a script.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::Source;
use crate::kernel::id::{GroupId, PersonId, WorkspaceId};
use crate::kernel::page::TimeRange;
use crate::kernel::problem::Problem;
use crate::resources::enrollment_events::model::{EventAction, EventFilter};
use crate::resources::enrollments::model::comparison::{Change, Comparison};
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::people::model::ByPerson;
use crate::ui::address::Address;
use crate::ui::components::date_time_fields::DayTime;

/// The three questions that are asked of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// What happened?
    Events,
    /// What was in a group, or which groups held a workspace, at one moment?
    AsOf,
    /// What changed in a group between two moments?
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

    /// What the address of this question may say.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["person", "group", "workspace", "action", "source", "from", "until"],
            Self::AsOf => &["group", "workspace", "at"],
            Self::Comparison => &["group", "earlier", "later", "change"],
        }
    }

    /// The names that this question may be narrowed to.
    pub const fn nouns(self) -> &'static [Noun] {
        match self {
            Self::Events => &Noun::ALL,
            Self::AsOf => &[Noun::Group, Noun::Workspace],
            Self::Comparison => &[Noun::Group],
        }
    }

    /// Another question about the same group or workspace.
    pub fn link(self, here: &Address) -> Address {
        let kept = self.nouns().iter().filter_map(|noun| Some((noun.word(), here.get(noun.word())?)));
        kept.fold(Address::of(self.path()), |address, (name, value)| address.with(name, value))
    }
}

/// What can be named to narrow a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noun {
    Group,
    Workspace,
    Person,
}

impl Noun {
    pub const ALL: [Self; 3] = [Self::Group, Self::Workspace, Self::Person];

    /// The parameter that holds its id, and the word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Workspace => "workspace",
            Self::Person => "person",
        }
    }

    /// The parameter that holds what was typed to find it, where that is not one thing alone.
    pub const fn search(self) -> &'static str {
        match self {
            Self::Group => "find_group",
            Self::Workspace => "find_workspace",
            Self::Person => "find_person",
        }
    }
}

/// Something that a typed name may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub name: String,
    /// What tells it from another of the same name.
    pub detail: Option<String>,
}

/// What a typed name may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    pub noun: Noun,
    pub text: String,
    pub found: Vec<Choice>,
    pub has_more: bool,
}

impl Choices {
    /// The one that is meant: it alone was found, or it alone is called exactly so.
    pub fn meant(&self) -> Option<&Choice> {
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

/// What the form above a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What the question is narrowed to.
    pub chosen: Vec<(Noun, Choice)>,
    /// What typed names may mean.
    pub choices: Vec<Choices>,
    /// By parameter.
    pub moments: Vec<(String, DayTime)>,
    /// In which they are meant.
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

/// Of the parameter `person`: what nobody did.
pub const NOBODY: &str = "none";

/// A moment as addresses have it.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A parameter of an address, read; what cannot be read is no filter, and is refused rather than left out.
fn read<T>(here: &Address, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    let Some(text) = here.get(name) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| Problem::FilterUnknown(format!("{name}={text}")))
}

/// A moment of an address.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    text.parse().ok()
}

pub fn group(here: &Address) -> Result<Option<GroupId>, Problem> {
    read(here, Noun::Group.word(), |text| text.parse().ok())
}

pub fn workspace(here: &Address) -> Result<Option<WorkspaceId>, Problem> {
    read(here, Noun::Workspace.word(), |text| text.parse().ok())
}

pub fn person(here: &Address) -> Result<Option<ByPerson>, Problem> {
    read(here, Noun::Person.word(), |text| {
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
        actions: read(here, "action", EventAction::from_word)?.into_iter().collect(),
        sources: read(here, "source", Source::from_word)?.into_iter().collect(),
        occurred_at: TimeRange { from: read(here, "from", moment)?, before: read(here, "until", moment)? },
    })
}

/// What an address asks of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked<T> {
    /// There is nothing to answer yet.
    Incomplete,
    /// The moment has not come.
    ToCome,
    Complete(T),
}

/// The moment that one looks at, which is now where the address says none.
///
/// # Errors
/// `FilterUnknown`.
pub fn as_of_moment(here: &Address, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    Ok(read(here, "at", moment)?.unwrap_or(now))
}

/// # Errors
/// `FilterUnknown`.
pub fn as_of(here: &Address, now: DateTime<Utc>) -> Result<Asked<EnrollmentFilter>, Problem> {
    let (group, workspace, at) = (group(here)?, workspace(here)?, as_of_moment(here, now)?);
    if at > now {
        return Ok(Asked::ToCome);
    }
    Ok(Asked::Complete(EnrollmentFilter {
        groups: group.into_iter().collect(),
        workspaces: workspace.into_iter().collect(),
        liveness: Liveness::AsOf(at),
        ..EnrollmentFilter::default()
    }))
}

/// The two moments, as far as the address says them; the later is now where it says none.
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
pub fn comparison(here: &Address, now: DateTime<Utc>) -> Result<Asked<Comparison>, Problem> {
    let (group, (earlier, later)) = (group(here)?, moments(here, now)?);
    Ok(match (group, earlier) {
        (Some(group), Some(earlier)) if earlier.max(later) <= now => {
            Asked::Complete(Comparison::between(group, earlier, later))
        }
        (Some(_), Some(_)) => Asked::ToCome,
        (Some(_) | None, _) => Asked::Incomplete,
    })
}

/// Which part of a comparison is shown; an unknown word shows the first.
pub fn change(here: &Address) -> Change {
    here.get("change").and_then(Change::from_word).unwrap_or(Change::Added)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    fn address(query: &str) -> Address {
        Address::of(&format!("/audit?{query}"))
    }

    fn now() -> DateTime<Utc> {
        "2026-05-28T09:15:00Z".parse().unwrap()
    }

    #[test]
    fn a_filter_is_all_that_the_address_says() {
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
    fn what_cannot_be_read_is_refused() {
        for query in ["group=EMEA", "person=ana", "action=moved", "source=fax", "from=yesterday"] {
            assert_eq!(events(&address(query)), Err(Problem::FilterUnknown(query.to_owned())));
        }
        assert!(as_of(&address("at=2026-05-01"), now()).is_err());
        assert!(comparison(&address("later=1"), now()).is_err());
    }

    #[test]
    fn what_has_not_come_is_not_answered() {
        let of = |query: &str| as_of(&address(query), now()).unwrap();
        assert!(matches!(of(""), Asked::Complete(_)));
        assert_eq!(of(&format!("group={ID}&at=2026-05-28T09:15:00.001Z")), Asked::ToCome);
        assert!(matches!(of(&format!("workspace={ID}&at=2026-05-28T09:15:00Z")), Asked::Complete(_)));
        let compared = |query: &str| comparison(&address(query), now()).unwrap();
        assert_eq!(compared(&format!("group={ID}")), Asked::Incomplete);
        assert_eq!(compared(&format!("group={ID}&earlier=2027-01-01T00:00:00Z")), Asked::ToCome);
        let Asked::Complete(found) = compared(&format!("group={ID}&earlier=2026-05-01T00:00:00Z")) else {
            panic!("it is complete")
        };
        assert_eq!(found.later, now());
    }

    #[test]
    fn another_question_is_asked_about_the_same() {
        let here = address(&format!("group={ID}&person=none&action=removed"));
        assert_eq!(View::Comparison.link(&here).to_string(), format!("/audit/compare?group={ID}"));
    }
}
