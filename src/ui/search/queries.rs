//! The targets of a search: rows of the database, and pages.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::kernel::actor::Role;
use crate::kernel::text::{cleaned, isolated};
use crate::resources::enrollments::model::{EnrollmentFilter, EnrollmentInclude, newest_first};
use crate::resources::enrollments::ops::enrollment_list;
use crate::resources::search::model::{Hit, HitKind};
use crate::resources::search::ops::search_everything;
use crate::ui::components::main_pages;
use crate::ui::server::prelude::*;

const MAX_PER_KIND: usize = 8;

/// Islands read it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NavTarget {
    pub path: String,
    /// Its kind as it is shown, such as `Group`.
    pub kind: String,
    pub name: String,
    /// Distinguishes it from others of the same name.
    pub detail: Option<String>,
    /// The groups that a workspace is in, such as `in EMEA` or `in 3 groups`.
    pub place: Option<String>,
    pub is_removed: bool,
    /// The text is its id.
    pub is_exact: bool,
}

/// The targets that match the text, the best of each kind first. An empty text matches all pages.
#[server(prefix = "/api/fn", endpoint = "search-read")]
pub async fn search_read(text: String) -> Result<Vec<NavTarget>, UiError> {
    read(async |connection, context| {
        let mut targets = page_targets(context.operator()?.role, text.trim());
        let hits = search_everything(connection, &text, MAX_PER_KIND).await?;
        let is_exact = hits.first().is_some_and(Hit::is_exact);
        // Pages come first unless the text is an id.
        let index = if is_exact { 0 } else { targets.len() };
        let mut places = places(connection, &hits).await?;
        let target = |hit: Hit| {
            let place = places.remove(&WorkspaceId::new(hit.id));
            NavTarget { place, ..hit_target(hit) }
        };
        targets.splice(index..index, hits.into_iter().map(target));
        Ok(targets)
    })
    .await
}

/// Enrollments that are read to show which groups the found workspaces are in. With more, none are shown.
const ENROLLMENTS: PageRequest = PageRequest::first(100);

async fn places(connection: &mut Connection, hits: &[Hit]) -> Outcome<HashMap<WorkspaceId, String>> {
    let workspaces = hits.iter().filter(|hit| matches!(hit.kind, HitKind::Workspace));
    let workspaces: Vec<_> = workspaces.map(|hit| WorkspaceId::new(hit.id)).collect();
    let mut groups: HashMap<WorkspaceId, Vec<String>> = HashMap::new();
    if !workspaces.is_empty() {
        let filter = EnrollmentFilter { workspaces, ..EnrollmentFilter::default() };
        let include = EnrollmentInclude { group: true, ..EnrollmentInclude::default() };
        let page = enrollment_list(connection, &filter, &newest_first(), &ENROLLMENTS, include).await?;
        for item in page.items.into_iter().filter(|_| !page.has_next) {
            groups.entry(item.enrollment.workspace).or_default().extend(item.group.map(|group| group.name));
        }
    }
    let place = |(workspace, names): (_, Vec<String>)| {
        let text = match names.as_slice() {
            [name] => format!("in {}", isolated(name)),
            names => format!("in {} groups", names.len()),
        };
        (workspace, text)
    };
    Ok(groups.into_iter().map(place).collect())
}

fn hit_target(hit: Hit) -> NavTarget {
    let is_exact = hit.is_exact();
    let Hit { kind, id, mut name, mut detail, is_removed, rank: _ } = hit;
    let (kind, path) = match kind {
        HitKind::Group => ("Group", paths::group(GroupId::new(id))),
        HitKind::Workspace => ("Workspace", paths::workspace(WorkspaceId::new(id))),
        HitKind::Person => ("Person", paths::person(PersonId::new(id))),
        HitKind::Enrollment => {
            let group = detail.take().unwrap_or_default();
            name = format!("{} in {}", isolated(&name), isolated(&group));
            ("Enrollment", paths::enrollment(EnrollmentId::new(id)))
        }
    };
    NavTarget { path, kind: kind.to_owned(), name, detail, place: None, is_removed, is_exact }
}

/// The pages whose names have, for each word of the text, a word that begins with it.
fn page_targets(role: Role, text: &str) -> Vec<NavTarget> {
    let text = cleaned(text).to_lowercase();
    let begins = |name: &str| {
        let name = name.to_lowercase();
        text.split_whitespace().all(|word| name.split(' ').any(|one| one.starts_with(word)))
    };
    let target = |(name, path): (&str, &str)| {
        let (path, kind, name) = (path.to_owned(), "Page".to_owned(), name.to_owned());
        NavTarget { path, kind, name, detail: None, place: None, is_removed: false, is_exact: false }
    };
    let new_group = role.may_write().then_some(("New group", paths::NEW_GROUP));
    let others = [("Account and preferences", paths::ACCOUNT), ("API", paths::API_DOCS)];
    let pages = main_pages(role).chain(new_group).chain(others);
    pages.filter(|(name, _)| begins(name)).map(target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_match_by_the_beginning_of_words() {
        let found =
            |role, text| page_targets(role, text).into_iter().map(|target| target.name).collect::<Vec<_>>();
        assert_eq!(found(Role::Admin, "gr"), ["Groups", "New group"]);
        assert_eq!(found(Role::Support, "GR"), ["Groups"]);
        assert_eq!(found(Role::Support, "roup"), Vec::<String>::new());
        assert_eq!(found(Role::Admin, "new group"), ["New group"]);
        assert_eq!(found(Role::Admin, "group\u{a0}NEW\u{200b}"), ["New group"]);
        assert_eq!(found(Role::Admin, "group old"), Vec::<String>::new());
        assert!(found(Role::Admin, "").len() > found(Role::Support, "").len());
    }
}
