//! The addresses of the audit pages. They contain UTC instants and ids, so that a link shows the same to everyone;
//! `http.rs` makes them from what people type.

use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use strum::{IntoStaticStr, VariantArray};

use crate::kernel::page::{Page, PageRequest, Sort, TimeRange};
use crate::kernel::problem::Problem;
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollments::model::comparison::Comparison;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::people::model::{ByPerson, Person, PersonFilter, PersonSortKey};
use crate::resources::people::ops::person_list;
use crate::ui::locale::viewer_locale::{DayEdge, DayTime, ViewerLocale};
use crate::ui::pagination::Address;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
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

    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["person", "group", "workspace", "action", "source", "from", "until"],
            Self::AsOf => &["group", "workspace", "at"],
            Self::Comparison => &["group", "earlier", "later", "change"],
        }
    }

    /// The parameters that are moments: the name and label of each, and the meaning of a day without a time.
    pub const fn moments(self) -> &'static [(&'static str, &'static str, DayEdge)] {
        match self {
            Self::Events => &[("from", "From", DayEdge::Start), ("until", "Until", DayEdge::NextStart)],
            Self::AsOf => &[("at", "At", DayEdge::End)],
            Self::Comparison => &[("earlier", "From", DayEdge::End), ("later", "To", DayEdge::End)],
        }
    }

    pub fn nouns(self) -> impl Iterator<Item = Noun> {
        Noun::VARIANTS.iter().copied().filter(move |noun| self.parameters().contains(&noun.into_str()))
    }

    /// The parameter of this address with a name for which no single resource is chosen. As long as there is one, nothing
    /// is shown or exported, because it would answer another question than the reader asked.
    pub fn undecided(self, here: &Address) -> Option<&'static str> {
        let is_undecided =
            |noun: &Noun| here.get(noun.search()).is_some() && here.get(noun.into_str()).is_none();
        self.nouns().find(is_undecided).map(Noun::search)
    }

    /// Its address for the group, workspace and person of another view.
    pub fn link(self, here: &Address) -> String {
        Address::of(self.path()).with_those(here, self.nouns().map(|noun| noun.into_str())).to_string()
    }
}

/// A resource that the audit pages are filtered by. Its word is also the parameter that contains its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Noun {
    Group,
    Workspace,
    Person,
}

impl Noun {
    /// The parameter that contains the search text, as long as no single resource is chosen.
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
        let (text, is_only) = (self.text.to_lowercase(), self.found.len() == 1);
        let mut exact = self.found.iter().filter(|choice| is_only || choice.name.to_lowercase() == text);
        exact.next().filter(|_| exact.next().is_none() && !self.has_more)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub chosen: Vec<(Noun, Choice)>,
    pub choices: Vec<Choices>,
    /// The name and label of each moment of the view, and its fields.
    pub moments: Vec<(&'static str, &'static str, DayTime)>,
    pub zone: String,
}

impl Form {
    pub fn chosen(&self, noun: Noun) -> Option<&Choice> {
        self.chosen.iter().find(|(known, _)| *known == noun).map(|(_, choice)| choice)
    }
}

/// `person` of changes without a person.
pub const NOBODY: &str = "none";
pub const NOBODY_NAME: &str = "no one, or a deleted person";

/// The number of choices. The user types more of the name instead of reading a longer list.
pub const OFFERED: PageRequest = PageRequest::first(8);

/// The people that a typed text can match: the one with this e-mail address, or those whose name or address contains its words.
pub async fn people_choices(connection: &mut Connection, text: &str) -> Outcome<Page<Choice>> {
    let sort = Sort(vec![(PersonSortKey::LastName, false)]);
    let by_email = PersonFilter { email: Some(text.to_owned()), ..PersonFilter::default() };
    let mut page = person_list(connection, &by_email, &sort, &OFFERED).await?;
    if page.items.is_empty() {
        let filter = PersonFilter { search: Some(text.to_owned()), ..PersonFilter::default() };
        page = person_list(connection, &filter, &sort, &OFFERED).await?;
    }
    let choice = |person: Person| Choice {
        id: person.id.to_string(),
        name: person.display_name(),
        detail: person.email,
    };
    Ok(page.map(choice))
}

/// The fields of a form that show a moment in the viewer's time zone.
pub fn fields(locale: ViewerLocale, edge: DayEdge, at: DateTime<Utc>) -> DayTime {
    DayTime { exact: instant(at), ..locale.fields(at, edge) }
}

pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A malformed parameter is `FilterUnknown` and not ignored, because an ignored filter would show too much.
pub fn read<T: FromStr>(here: &Address, name: &str) -> Result<Option<T>, Problem> {
    let read = |text: &str| text.parse().map_err(|_| Problem::FilterUnknown(format!("{name}={text}")));
    here.get(name).map(read).transpose()
}

fn read_list<T: FromStr>(here: &Address, name: &str) -> Result<Vec<T>, Problem> {
    Ok(read(here, name)?.into_iter().collect())
}

pub fn events(here: &Address) -> Result<EventFilter, Problem> {
    Ok(EventFilter {
        enrollments: Vec::new(),
        groups: read_list(here, "group")?,
        workspaces: read_list(here, "workspace")?,
        search: None,
        actor: match here.get("person") {
            Some(NOBODY) => Some(ByPerson::Nobody),
            Some(_) | None => read(here, "person")?.map(|id| ByPerson::OneOf(vec![id])),
        },
        actions: read_list(here, "action")?,
        sources: read_list(here, "source")?,
        occurred_at: TimeRange { from: read(here, "from")?, before: read(here, "until")? },
        ..EventFilter::default()
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    Incomplete,
    InFuture,
    /// See [`View::undecided`].
    Undecided,
}

/// The moment of the address, by default now, and the enrollments that were live then; none for one in the future.
pub fn as_of(
    here: &Address,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, Option<EnrollmentFilter>), Problem> {
    let (groups, workspaces) = (read_list(here, "group")?, read_list(here, "workspace")?);
    let at = read(here, "at")?.unwrap_or(now);
    let liveness = Liveness::AsOf(at);
    let filter = EnrollmentFilter { groups, workspaces, liveness, ..EnrollmentFilter::default() };
    Ok((at, (at <= now).then_some(filter)))
}

/// The two moments of the address. The later one is now by default.
pub fn moments(
    here: &Address,
    now: DateTime<Utc>,
) -> Result<(Option<DateTime<Utc>>, DateTime<Utc>), Problem> {
    Ok((read(here, "earlier")?, read(here, "later")?.unwrap_or(now)))
}

pub fn comparison(here: &Address, now: DateTime<Utc>) -> Result<Result<Comparison, Unanswered>, Problem> {
    let (group, (earlier, later)) = (read(here, "group")?, moments(here, now)?);
    let Some((group, earlier)) = group.zip(earlier) else { return Ok(Err(Unanswered::Incomplete)) };
    let comparison = Comparison::between(group, earlier, later);
    Ok(if comparison.later > now { Err(Unanswered::InFuture) } else { Ok(comparison) })
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
        let of = |query: &str| as_of(&address(query), now()).unwrap().1;
        assert!(of("").is_some());
        assert_eq!(of(&format!("group={ID}&at=2026-05-28T09:15:00.001Z")), None);
        assert!(of(&format!("workspace={ID}&at=2026-05-28T09:15:00Z")).is_some());
        let compared = |query: &str| comparison(&address(query), now()).unwrap();
        assert_eq!(compared(&format!("group={ID}")), Err(Unanswered::Incomplete));
        assert_eq!(compared(&format!("group={ID}&earlier=2027-01-01T00:00:00Z")), Err(Unanswered::InFuture));
        let found = compared(&format!("group={ID}&earlier=2026-05-01T00:00:00Z"));
        assert_eq!(found.unwrap().later, now());
    }

    #[test]
    fn a_link_to_another_view_keeps_its_filters() {
        let here = address(&format!("group={ID}&person=none&action=removed"));
        assert_eq!(View::Comparison.link(&here), format!("/audit/compare?group={ID}"));
    }
}
