//! Groups as rows of a table.

use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::prelude::*;

#[component]
pub fn GroupTable(
    caption: &'static str,
    groups: Vec<GroupSummary>,
    /// One person created them all, and their order cannot be changed.
    #[prop(optional)]
    of_one_creator: bool,
) -> impl IntoView {
    let formats = Formats::current();
    let name = Column::name("Name", |GroupSummary { group, .. }: &GroupSummary| {
        view! { <GroupName id=group.id name=group.name.clone() removed=!group.is_live() /> }
    });
    let workspaces = Column::number("Workspaces", move |summary: &GroupSummary| formats.number(summary.live));
    let created =
        Column::text("Created", |summary: &GroupSummary| view! { <Moment at=summary.group.created_at /> });
    let columns = if of_one_creator {
        vec![name, workspaces, created]
    } else {
        let default = "-created_at";
        let creator = Column::text("Created by", |summary: &GroupSummary| {
            view! { <PersonName person=summary.creator.clone() /> }
        });
        let created = created.sorted("created_at", default, true);
        vec![name.sorted("name", default, false), workspaces, creator, created]
    };
    let row_id = |summary: &GroupSummary| format!("group-{}", summary.group.id);
    view! { <DataTable caption columns items=groups row_id /> }
}
