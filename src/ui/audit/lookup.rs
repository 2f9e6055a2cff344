//! Groups, workspaces and people by what somebody on the phone knows of them: part of a name, an e-mail
//! address, an id of either kind. Removed ones too, since it is the past that one asks about.

use sqlx::PgConnection;

use crate::kernel::id::GroupId;
use crate::kernel::page::{NamedSortKey, PageRequest, Sort, Status};
use crate::kernel::text::cleaned;
use crate::platform::failure::Outcome;
use crate::resources::people::model::{Person, PersonFilter, PersonSortKey};
use crate::resources::people::ops::person_list;
use crate::resources::workspace_groups::model::{GroupFilter, WorkspaceGroup};
use crate::resources::workspace_groups::ops::group_list;
use crate::resources::workspaces::model::{Workspace, WorkspaceFilter};
use crate::resources::workspaces::ops::workspace_list;
use crate::ui::audit::query::{Choice, Choices, Noun};

/// As many as one looks through; with more, one types more of the name.
const OFFERED: PageRequest = PageRequest::first(8);

pub async fn choices(connection: &mut PgConnection, noun: Noun, text: &str) -> Outcome<Choices> {
    let text = cleaned(&text.replace('\0', ""));
    // Ids of all nouns have one form.
    let (found, has_more) = if text.parse::<GroupId>().is_ok() {
        (vec![Choice { id: text.to_lowercase(), name: text.clone(), detail: None }], false)
    } else {
        match noun {
            Noun::Group => groups(connection, &text).await?,
            Noun::Workspace => workspaces(connection, &text).await?,
            Noun::Person => people(connection, &text).await?,
        }
    };
    Ok(Choices { noun, text, found, has_more })
}

type Found = (Vec<Choice>, bool);

async fn groups(connection: &mut PgConnection, text: &str) -> Outcome<Found> {
    let filter = GroupFilter { search: Some(text.to_owned()), status: Status::Any, created_by: None };
    let page = group_list(connection, &filter, &by_name(), &OFFERED, false).await?;
    let choice = |group: WorkspaceGroup| Choice {
        id: group.id.to_string(),
        name: group.name,
        detail: removed(group.deleted_at.is_some()),
    };
    Ok((page.items.into_iter().map(|with| choice(with.group)).collect(), page.has_next))
}

async fn workspaces(connection: &mut PgConnection, text: &str) -> Outcome<Found> {
    let any = WorkspaceFilter { status: Status::Any, ..WorkspaceFilter::default() };
    let by_external_id = WorkspaceFilter { external_workspace_id: Some(text.to_owned()), ..any.clone() };
    let mut page = workspace_list(connection, &by_external_id, &by_name(), &OFFERED).await?;
    if page.items.is_empty() {
        let filter = WorkspaceFilter { search: Some(text.to_owned()), ..any };
        page = workspace_list(connection, &filter, &by_name(), &OFFERED).await?;
    }
    let choice = |workspace: Workspace| Choice {
        id: workspace.id.to_string(),
        name: workspace.name,
        detail: workspace.external_workspace_id.or_else(|| removed(workspace.deleted_at.is_some())),
    };
    Ok((page.items.into_iter().map(choice).collect(), page.has_next))
}

async fn people(connection: &mut PgConnection, text: &str) -> Outcome<Found> {
    let sort = Sort(vec![(PersonSortKey::LastName, false)]);
    let by_address = PersonFilter { email: Some(text.to_owned()), ..PersonFilter::default() };
    let mut page = person_list(connection, &by_address, &sort, &OFFERED).await?;
    if page.items.is_empty() {
        let filter = PersonFilter { search: Some(text.to_owned()), ..PersonFilter::default() };
        page = person_list(connection, &filter, &sort, &OFFERED).await?;
    }
    let choice = |person: Person| Choice {
        id: person.id.to_string(),
        name: person.display_name(),
        detail: person.email,
    };
    Ok((page.items.into_iter().map(choice).collect(), page.has_next))
}

fn by_name() -> Sort<NamedSortKey> {
    Sort(vec![(NamedSortKey::Name, false)])
}

fn removed(is_removed: bool) -> Option<String> {
    is_removed.then(|| "removed".to_owned())
}
