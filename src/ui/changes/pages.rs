//! The pages of change sets.

pub mod moves;
pub mod reason;
pub mod restore;

use crate::resources::change_sets::model::{AT_ONCE_MAX, ChangeCounts, ChangeSet, UndoVerdict};
use crate::resources::enrollment_events::model::origin::ChangeOrigin;
use crate::ui::changes::actions::ChangeSetUndo;
use crate::ui::changes::queries::{self, UndoPreview};
use crate::ui::components::prelude::*;

/// `/audit/changes/{id}`: everything that one request, command or import did to enrollments.
#[component]
pub fn ChangeSetPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let (set, events) = queries::change_set(id).await?;
        let formats = Formats::current();
        let title = format!("Change on {}", formats.day(set.occurred_at));
        let can_undo = viewer.may_write() && set.counts.enrolled + set.counts.removed > 0;
        Ok(view! {
            <Page title=title.clone() crumbs=vec![crumb(paths::AUDIT, "Audit")]>
                <div class="heading">
                    <h1>{title}</h1>
                    {can_undo
                        .then(|| {
                            view! {
                                <div class="actions heading__actions">
                                    <a class="button" href=paths::change_set_undo(id)>"Undo all of it …"</a>
                                </div>
                            }
                        })}
                </div>
                <div class="card"><Facts set /></div>
                <h2>"What changed"</h2>
                {history("events", events, TimelineOf::ChangeSet)}
            </Page>
        })
    })
}

#[component]
fn Facts(set: ChangeSet) -> impl IntoView {
    let counts = counts_text(set.counts);
    let origin = set.origin.as_ref().map(origin_fact);
    let origin = origin.map(|origin| view! { <Fact name="Kind">{origin}</Fact> });
    let reason = set.note.reason().map(|reason| {
        let reason = reason.to_owned();
        view! { <Fact name="Reason"><span dir="auto">{reason}</span></Fact> }
    });
    let reference = set.note.reference().map(reference_text);
    let undone: Vec<_> = set.undone_by.iter().map(|id| change_link(*id)).collect();
    view! {
        <dl class="facts">
            <Fact name="When"><Moment at=set.occurred_at /></Fact>
            <Fact name="Who"><ActorName actor=set.actor source=set.source token_name=set.token_name /></Fact>
            <Fact name="What">{counts}</Fact>
            {origin}
            {reason}
            {reference.map(|reference| view! { <Fact name="Ticket">{reference}</Fact> })}
            {(!undone.is_empty()).then(|| view! { <Fact name="Undone by">{undone}</Fact> })}
            {set.request_id.map(|id| view! { <Fact name="Request"><code>{id}</code></Fact> })}
            <Fact name="Id"><code>{set.id.to_string()}</code></Fact>
        </dl>
    }
}

fn change_link(id: ChangeSetId) -> AnyView {
    let short: String = id.to_string().chars().take(8).collect();
    view! { <a href=paths::change_set(id)>{short}</a> " " }.into_any()
}

fn origin_fact(origin: &ChangeOrigin) -> AnyView {
    match origin {
        ChangeOrigin::Undo(id) => view! { "Undo of " {change_link(*id)} }.into_any(),
        ChangeOrigin::Move { from, to } => view! {
            "Move from " <GroupName id=from.id name=from.name.clone() /> " to " <GroupName id=to.id name=to.name.clone() />
        }
        .into_any(),
        ChangeOrigin::Copy { from, to } => view! {
            "Copy from " <GroupName id=from.id name=from.name.clone() /> " to " <GroupName id=to.id name=to.name.clone() />
        }
        .into_any(),
        ChangeOrigin::Restore(moment) => view! { "Restore of the members on " <Moment at=*moment /> }.into_any(),
    }
}

/// `27 enrolled, 2 removed, in 1 group`
fn counts_text(counts: ChangeCounts) -> String {
    let formats = Formats::current();
    let parts = [
        (counts.enrolled, "enrolled"),
        (counts.removed, "removed"),
        (counts.corrected, "changed in creator"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts.map(|(number, what)| format!("{} {what}", formats.number(number))).collect();
    format!("{}, in {}", parts.join(", "), formats.count(counts.groups, "group", "groups"))
}

/// `/audit/changes/{id}/undo`: asks for confirmation to undo a change set.
#[component]
pub fn UndoPage() -> impl IntoView {
    page_with_id(async move |id| {
        let UndoPreview { set, numbers, changes, history, version } = queries::undo_preview(id).await?;
        let formats = Formats::current();
        let lines = numbers.into_iter().map(|(verdict, number)| {
            let workspaces =
                formats.count(i64::try_from(number).unwrap_or(i64::MAX), "workspace", "workspaces");
            view! { <li>{format!("{workspaces}: {}", verdict_text(verdict))}</li> }
        });
        let facts = view! { <ul class="plain">{lines.collect_view()}</ul> }.into_any();
        let form = if changes == 0 {
            refusal("There is nothing left to undo.")
        } else {
            let hidden = vec![
                ("change_set", id.to_string()),
                ("history", history.to_string()),
                ("plan", version.to_string()),
            ];
            let action = ChangeSetUndo::url();
            let cancel = paths::change_set(id);
            view! { <ConfirmForm action hidden submit="Undo" cancel cancel_text="Cancel" danger=false note=Note::Optional /> }
                .into_any()
        };
        let day = formats.day(set.occurred_at);
        Ok(view! {
            <ConfirmPage
                title=format!("Undo the change of {day}?")
                crumbs=vec![crumb(paths::AUDIT, "Audit"), crumb(paths::change_set(id), format!("Change on {day}"))]
                explanation=undo_explanation(changes, set.counts.groups)
                may="undo changes"
                facts
            >
                {form}
            </ConfirmPage>
        })
    })
}

const fn undo_explanation(changes: usize, groups: i64) -> &'static str {
    if changes > AT_ONCE_MAX && groups == 1 {
        "What others have changed since is left alone. The undo runs in the background, shows its progress, and can be undone."
    } else {
        "All of it is done or none. What others have changed since is left alone, and the undo can be undone."
    }
}

const fn verdict_text(verdict: UndoVerdict) -> &'static str {
    match verdict {
        UndoVerdict::Remove => "will be removed",
        UndoVerdict::Enroll => "will be enrolled again",
        UndoVerdict::RemovedSince => "removed since, left alone",
        UndoVerdict::EnrolledSince => "enrolled again since, left alone",
        UndoVerdict::ChangedSince => "enrolled and removed again since, left alone",
        UndoVerdict::Gone => "cannot be enrolled, because the workspace or the group is archived",
    }
}
