//! Reads what the audit pages show. The address of the page contains the whole question.

use chrono::{DateTime, Utc};

use crate::kernel::text::cleaned;
use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollment_events::ops::event_count;
use crate::resources::enrollments::model::comparison::{Change, Comparison, ComparisonCounts};
use crate::resources::enrollments::model::{EnrollmentInclude, newest_first};
use crate::resources::enrollments::ops::{comparison_counts, enrollment_count};
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::model::{GroupFilter, WorkspaceGroup};
use crate::resources::workspace_groups::ops::{group_get, group_list};
use crate::resources::workspaces::model::{Workspace, WorkspaceFilter};
use crate::resources::workspaces::ops::{workspace_get, workspace_list};
use crate::ui::audit::view::{
    self, Choice, Choices, Form, NOBODY, NOBODY_NAME, Noun, OFFERED, Unanswered, View, fields, people_choices,
};
use crate::ui::enrollments::view::{EnrollmentRow, enrollment_page, mark_in_again};
use crate::ui::server::prelude::*;

/// A page of events, and the number of all if it is known or was asked for.
pub type CountedEvents = (ListPage<EnrollmentEvent>, Option<i64>);

/// No events if a filter is [`View::undecided`].
pub async fn events() -> Result<(Form, Option<CountedEvents>), UiError> {
    let (form, found) = read(async |connection, context| {
        let here = context.viewer.address();
        let filter = view::events(&here)?;
        let form = form(connection, context, View::Events).await?;
        if View::Events.undecided(&here).is_some() {
            return Ok((form, None));
        }
        let page = event_page(connection, context, "audit", &filter).await?;
        Ok((form, Some((filter, page))))
    })
    .await?;
    let Some((filter, page)) = found else { return Ok((form, None)) };
    let counted = with_total(page, async |connection| event_count(connection, &filter).await).await?;
    Ok((form, Some(counted)))
}

pub struct AsOf {
    pub form: Form,
    pub at: DateTime<Utc>,
    /// The number of enrollments and a page of them, the last enrolled first.
    pub answer: Result<(i64, ListPage<EnrollmentRow>), Unanswered>,
}

/// The enrollments of a group, a workspace or all that were live at one moment.
pub async fn as_of() -> Result<AsOf, UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let (at, filter) = view::as_of(&here, context.viewer.now)?;
        let form = form(connection, context, View::AsOf).await?;
        if View::AsOf.undecided(&here).is_some() {
            return Ok(AsOf { form, at, answer: Err(Unanswered::Undecided) });
        }
        let Some(filter) = filter else { return Ok(AsOf { form, at, answer: Err(Unanswered::InFuture) }) };
        let sort = newest_first();
        let mut page =
            enrollment_page(connection, context, "as-of", (&filter, &sort), EnrollmentInclude::NAMES).await?;
        mark_in_again(connection, &mut page.items).await?;
        let count = enrollment_count(connection, &filter).await?;
        Ok(AsOf { form, at, answer: Ok((count, page)) })
    })
    .await
}

pub struct ComparedRows {
    pub comparison: Comparison,
    pub counts: ComparisonCounts,
    pub change: Change,
    pub page: ListPage<EnrollmentRow>,
}

/// The numbers of all changes in a group between two moments, and the rows of one kind, by default the first.
pub async fn comparison() -> Result<(Form, Result<ComparedRows, Unanswered>), UiError> {
    read(async |connection, context| {
        let here = context.viewer.address();
        let comparison = view::comparison(&here, context.viewer.now)?;
        let form = form(connection, context, View::Comparison).await?;
        if View::Comparison.undecided(&here).is_some() {
            return Ok((form, Err(Unanswered::Undecided)));
        }
        let comparison = match comparison {
            Ok(comparison) => comparison,
            Err(reason) => return Ok((form, Err(reason))),
        };
        let change = here.get("change").and_then(|word| word.parse().ok()).unwrap_or(Change::Added);
        let (filter, sort) = (comparison.rows(change), Comparison::sort(change));
        let counts = comparison_counts(connection, &comparison).await?;
        let list = format!("comparison {}", change.into_str());
        let page =
            enrollment_page(connection, context, &list, (&filter, &sort), EnrollmentInclude::NAMES).await?;
        Ok((form, Ok(ComparedRows { comparison, counts, change, page })))
    })
    .await
}

/// The form above a list: the names of the chosen resources, and moments in the viewer's time zone.
async fn form(connection: &mut Connection, context: &RequestContext, view: View) -> Outcome<Form> {
    let (here, locale) = (context.viewer.address(), context.viewer.locale);
    let moments = view.moments().iter().map(|&(name, label, edge)| {
        let at = here.get(name).and_then(|text| text.parse().ok());
        (name, label, at.map(|at| fields(locale, edge, at)).unwrap_or_default())
    });
    let (moments, zone) = (moments.collect(), locale.zone.to_string());
    let mut form = Form { chosen: Vec::new(), choices: Vec::new(), moments, zone };
    for noun in view.nouns() {
        if let Some(choice) = chosen(connection, noun, &here).await? {
            form.chosen.push((noun, choice));
        } else if let Some(text) = here.get(noun.search()) {
            form.choices.push(choices(connection, noun, text).await?);
        }
    }
    Ok(form)
}

async fn chosen(connection: &mut Connection, noun: Noun, here: &Address) -> Outcome<Option<Choice>> {
    let (id, name) = match noun {
        Noun::Group => {
            let Some(id) = view::read::<GroupId>(here, "group")? else { return Ok(None) };
            (id.to_string(), group_get(connection, id, false).await?.group.name)
        }
        Noun::Workspace => {
            let Some(id) = view::read::<WorkspaceId>(here, "workspace")? else { return Ok(None) };
            (id.to_string(), workspace_get(connection, id).await?.name)
        }
        Noun::Person if here.get("person") == Some(NOBODY) => (NOBODY.to_owned(), NOBODY_NAME.to_owned()),
        Noun::Person => {
            let Some(id) = view::read::<PersonId>(here, "person")? else { return Ok(None) };
            (id.to_string(), person_get(connection, id).await?.display_name())
        }
    };
    Ok(Some(Choice { id, name, detail: None }))
}

/// Finds groups, workspaces or people by a part of the name, an e-mail address or an id of either kind. Removed ones
/// too, because audit questions are about the past.
pub async fn choices(connection: &mut Connection, noun: Noun, text: &str) -> Outcome<Choices> {
    let text = cleaned(&text.replace('\0', ""));
    // The ids of all nouns have one form.
    if text.parse::<GroupId>().is_ok() {
        let found = vec![Choice { id: text.to_lowercase(), name: text.clone(), detail: None }];
        return Ok(Choices { noun, text, found, has_more: false });
    }
    let page = match noun {
        Noun::Group => groups(connection, &text).await?,
        Noun::Workspace => workspaces(connection, &text).await?,
        Noun::Person => people_choices(connection, &text).await?,
    };
    Ok(Choices { noun, text, found: page.items, has_more: page.has_next })
}

async fn groups(connection: &mut Connection, text: &str) -> Outcome<Page<Choice>> {
    let filter = GroupFilter { search: Some(text.to_owned()), status: Status::Any, created_by: None };
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let page = group_list(connection, &filter, &sort, &OFFERED, false).await?;
    Ok(page.map(|with| {
        let WorkspaceGroup { id, name, deleted_at, .. } = with.group;
        Choice { id: id.to_string(), name, detail: archived(deleted_at) }
    }))
}

async fn workspaces(connection: &mut Connection, text: &str) -> Outcome<Page<Choice>> {
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let any = WorkspaceFilter { status: Status::Any, ..WorkspaceFilter::default() };
    let by_external_id = WorkspaceFilter { external_workspace_id: Some(text.to_owned()), ..any.clone() };
    let mut page = workspace_list(connection, &by_external_id, &sort, &OFFERED).await?;
    if page.items.is_empty() {
        let filter = WorkspaceFilter { search: Some(text.to_owned()), ..any };
        page = workspace_list(connection, &filter, &sort, &OFFERED).await?;
    }
    Ok(page.map(|Workspace { id, name, external_workspace_id, deleted_at, .. }| {
        let detail = external_workspace_id.or_else(|| archived(deleted_at));
        Choice { id: id.to_string(), name, detail }
    }))
}

fn archived(at: Option<DateTime<Utc>>) -> Option<String> {
    at.map(|_| "archived".to_owned())
}
