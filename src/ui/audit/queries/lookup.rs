//! Finds groups, workspaces and people by a part of the name, an e-mail address or an id of either kind. Removed ones
//! too, because audit questions are about the past.

use crate::kernel::id::GroupId;
use crate::kernel::page::{NamedSortKey, PageRequest, Sort, Status};
use crate::kernel::text::cleaned;
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::people::model::{PersonFilter, PersonSortKey};
use crate::resources::people::ops::person_list;
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_list;
use crate::resources::workspaces::model::WorkspaceFilter;
use crate::resources::workspaces::ops::workspace_list;
use crate::ui::audit::view::{Choice, Choices, Noun};

/// The number of choices. The user types more of the name instead of reading a longer list.
const OFFERED: PageRequest = PageRequest::first(8);

pub async fn choices(connection: &mut Connection, noun: Noun, text: &str) -> Outcome<Choices> {
    let text = cleaned(&text.replace('\0', ""));
    // The ids of all nouns have one form.
    if text.parse::<GroupId>().is_ok() {
        let found = vec![Choice { id: text.to_lowercase(), name: text.clone(), detail: None }];
        return Ok(Choices { noun, text, found, has_more: false });
    }
    let (found, has_more) = match noun {
        Noun::Group => groups(connection, &text).await?,
        Noun::Workspace => workspaces(connection, &text).await?,
        Noun::Person => people(connection, &text).await?,
    };
    Ok(Choices { noun, text, found, has_more })
}

type Found = (Vec<Choice>, bool);

async fn groups(connection: &mut Connection, text: &str) -> Outcome<Found> {
    let filter = GroupFilter { search: Some(text.to_owned()), status: Status::Any, created_by: None };
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let page = group_list(connection, &filter, &sort, &OFFERED, false).await?;
    let page = page.map(|with| Choice {
        id: with.group.id.to_string(),
        name: with.group.name,
        detail: removed(with.group.deleted_at.is_some()),
    });
    Ok((page.items, page.has_next))
}

async fn workspaces(connection: &mut Connection, text: &str) -> Outcome<Found> {
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let any = WorkspaceFilter { status: Status::Any, ..WorkspaceFilter::default() };
    let by_external_id = WorkspaceFilter { external_workspace_id: Some(text.to_owned()), ..any.clone() };
    let mut page = workspace_list(connection, &by_external_id, &sort, &OFFERED).await?;
    if page.items.is_empty() {
        let filter = WorkspaceFilter { search: Some(text.to_owned()), ..any };
        page = workspace_list(connection, &filter, &sort, &OFFERED).await?;
    }
    let page = page.map(|workspace| Choice {
        id: workspace.id.to_string(),
        name: workspace.name,
        detail: workspace.external_workspace_id.or_else(|| removed(workspace.deleted_at.is_some())),
    });
    Ok((page.items, page.has_next))
}

async fn people(connection: &mut Connection, text: &str) -> Outcome<Found> {
    let sort = Sort(vec![(PersonSortKey::LastName, false)]);
    let by_email = PersonFilter { email: Some(text.to_owned()), ..PersonFilter::default() };
    let mut page = person_list(connection, &by_email, &sort, &OFFERED).await?;
    if page.items.is_empty() {
        let filter = PersonFilter { search: Some(text.to_owned()), ..PersonFilter::default() };
        page = person_list(connection, &filter, &sort, &OFFERED).await?;
    }
    let page = page.map(|person| Choice {
        id: person.id.to_string(),
        name: person.display_name(),
        detail: person.email,
    });
    Ok((page.items, page.has_next))
}

fn removed(is_removed: bool) -> Option<String> {
    is_removed.then(|| "removed".to_owned())
}
