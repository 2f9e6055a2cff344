//! `/groups`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::ui::components::{Choose, IndexPage, Toolbar, list_or_empty, load_page};
use crate::ui::groups::components::GroupTable;
use crate::ui::groups::queries::groups;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn GroupsPage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let list = list_or_empty("groups", groups(&viewer).await?, empty(&viewer), |groups| {
            view! { <GroupTable caption="Groups" groups /> }
        });
        let statuses = vec![("", "Live"), ("removed", "Removed"), ("any", "Any")];
        let topics = vec![Topic::GROUPS, Topic::ENROLLMENTS];
        Ok(view! {
            <IndexPage title="Groups" new=(paths::NEW_GROUP, "New group") topics>
                <Toolbar action=paths::GROUPS placeholder="Search groups by name" fields=&["q", "status"]>
                    <Choose name="status" label="Status" options=statuses />
                </Toolbar>
                {list}
            </IndexPage>
        })
    })
}

/// The title and the text in place of an empty list.
fn empty(viewer: &Viewer) -> (&'static str, String) {
    let here = viewer.address();
    if let Some(search) = here.get("q") {
        return ("No matching groups", format!("Nothing matches “{}”.", isolated(search)));
    }
    let (title, text) = if here.get("status").is_some() {
        ("No matching groups", "No group has this status.")
    } else if viewer.may_write() {
        ("No groups yet", "Create a group and enroll workspaces in it.")
    } else {
        ("No groups yet", "Groups that admins create will appear here.")
    };
    (title, text.to_owned())
}
