//! `/groups/{id}/bulk/{import}`: what a list would do, then how far it has come, then what it did.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::imports::model::{Import, ImportCounts, ImportState, LineKind};
use crate::ui::components::form_key::FormKey;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::imports::actions::{ImportCancel, ImportDiscard, ImportStart, ImportView, import_read};
use crate::ui::imports::components::{ImportLines, ImportOwner};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let param = |name: &str| params.with_untracked(|params| params.get(name)).unwrap_or_default();
    let (Ok(group), Ok(id)) = (param("id").parse::<GroupId>(), param("import").parse::<ImportId>()) else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let kind = viewer.query("show").and_then(|word| LineKind::from_word(&word));
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match import_read(group, id, kind, after, before).await {
            Ok(found) => view! { <Shown found /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Shown(found: ImportView) -> impl IntoView {
    let ImportView { import, counts, kind, lines } = found;
    let (id, title) = (import.id, title(&import, &counts));
    let part = match import.state {
        ImportState::Receiving | ImportState::Prepared => {
            view! { <Preview import=import.clone() counts /> }.into_any()
        }
        ImportState::Queued | ImportState::Running => view! { <Progress import=import.clone() /> }.into_any(),
        ImportState::Finished | ImportState::Cancelled => {
            view! { <Report import=import.clone() /> }.into_any()
        }
    };
    view! {
        <Page title=title.clone()>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::GROUPS>"Groups"</a>
                <a href=paths::group(import.group)>{import.group_name.clone()}</a>
                <a href=paths::group_bulk(import.group)>"Enroll many"</a>
            </nav>
            <h1 id="title" data-live="text">{title}</h1>
            <div class="stack" id="import" data-live>{part}</div>
            <div class="stack" id="import-lines" data-live><ImportLines import counts kind lines /></div>
            <Live topics=vec![Topic::import(id)] />
        </Page>
    }
}

fn title(import: &Import, counts: &ImportCounts) -> String {
    let workspaces = |number: i32| Formats::current().count(number.into(), "workspace", "workspaces");
    let group = isolated(&import.group_name);
    match import.state {
        ImportState::Receiving | ImportState::Prepared if counts.enrolled > 0 => {
            format!("Enroll {} in {group}?", workspaces(counts.enrolled))
        }
        ImportState::Receiving | ImportState::Prepared => format!("Nothing to enroll in {group}"),
        ImportState::Queued | ImportState::Running => format!("Enrolling in {group}"),
        ImportState::Finished | ImportState::Cancelled => {
            format!("{} enrolled in {group}", workspaces(counts.enrolled))
        }
    }
}

/// Where the list is from, and whose it is.
#[component]
fn Facts(import: Import) -> impl IntoView {
    let lines = Formats::current().count(import.counts.lines.into(), "line", "lines");
    let from = match import.file_name {
        Some(name) => view! { <code>{name}</code> }.into_any(),
        None => "pasted".into_any(),
    };
    let column = import.column_name.map(|name| view! { ", column " <code>{name}</code> });
    view! {
        <dl class="facts">
            <dt>"List"</dt>
            <dd>{from} {column} ", " {lines}</dd>
            <dt>{if import.started_at.is_some() { "Started" } else { "Sent" }}</dt>
            <dd>"by " <ImportOwner by=import.by /> ", " <Moment at=import.started_at.unwrap_or(import.created_at) /></dd>
            {import
                .ended_at
                .map(|at| {
                    view! {
                        <dt>"Ended"</dt>
                        <dd><Moment at /></dd>
                    }
                })}
        </dl>
    }
}

/// What the list would do now, in one sentence.
fn foretold(import: &Import, counts: &ImportCounts) -> String {
    let formats = Formats::current();
    let mut parts = vec![format!("{} will be enrolled", formats.number(counts.enrolled.into()))];
    let others = [
        (counts.already_in, "already there"),
        (counts.unknown, "unknown"),
        (counts.duplicate, "named twice"),
        (counts.unreadable, "unreadable"),
    ];
    for (number, what) in others {
        if number > 0 {
            parts.push(format!("{} {what}", formats.number(number.into())));
        }
    }
    format!("Of {}: {}.", formats.count(import.counts.lines.into(), "line", "lines"), parts.join(", "))
}

#[component]
fn Preview(import: Import, counts: ImportCounts) -> impl IntoView {
    let discard = ServerAction::<ImportDiscard>::new();
    let (group, id) = (import.group.to_string(), import.id.to_string());
    let may_write = Viewer::current().may_write();
    let enroll = Formats::current().count(counts.enrolled.into(), "workspace", "workspaces");
    let is_possible = may_write && counts.enrolled > 0 && !import.group_is_removed;
    view! {
        <div class="card stack">
            <p>{foretold(&import, &counts)}</p>
            {import
                .group_is_removed
                .then(|| view! { <p class="message message--error">"The group was removed: nothing can be enrolled in it."</p> })}
            <Facts import=import.clone() />
            {if may_write {
                view! {
                    <div class="actions">
                        {is_possible.then(|| view! { <Start group=group.clone() import=id.clone() enroll /> })}
                        <ActionForm action=discard>
                            <input type="hidden" name="group" value=group.clone() />
                            <input type="hidden" name="import" value=id.clone() />
                            <button class="button">"Discard"</button>
                        </ActionForm>
                    </div>
                }
                    .into_any()
            } else {
                view! { <p class="message message--error">"Only admins may enroll workspaces."</p> }.into_any()
            }}
        </div>
    }
}

#[component]
fn Start(group: String, import: String, enroll: String) -> impl IntoView {
    let start = ServerAction::<ImportStart>::new();
    view! {
        <ActionForm action=start>
            <FormKey />
            <input type="hidden" name="group" value=group />
            <input type="hidden" name="import" value=import />
            <button class="button button--primary">{format!("Enroll {enroll}")}</button>
        </ActionForm>
    }
}

#[component]
fn Progress(import: Import) -> impl IntoView {
    let cancel = ServerAction::<ImportCancel>::new();
    let formats = Formats::current();
    let counts = import.counts;
    let done = format!(
        "{} of {}: {} enrolled, {} already there, {} failed.",
        formats.number(counts.done.into()),
        formats.count(counts.lines.into(), "line", "lines"),
        formats.number(counts.enrolled.into()),
        formats.number(counts.already_in.into()),
        formats.number(counts.failed().into())
    );
    let may_write = Viewer::current().may_write();
    let (group, id) = (import.group.to_string(), import.id.to_string());
    view! {
        <div class="card stack">
            <div class="progress" id="import-progress" data-live="text">
                <label for="progress">{if import.state == ImportState::Queued { "Waiting for its turn" } else { "Enrolling" }}</label>
                <progress id="progress" max=counts.lines.to_string() value=counts.done.to_string() aria-describedby="progress-text"></progress>
                <p id="progress-text">{done}</p>
            </div>
            <Facts import=import.clone() />
            <p class="muted">"It goes on by itself: you may leave this page and come back."</p>
            <div class="actions">
                <a class="button" href=paths::import(import.group, import.id)>"Refresh"</a>
                {may_write
                    .then(|| {
                        view! {
                            <ActionForm action=cancel>
                                <FormKey />
                                <input type="hidden" name="group" value=group />
                                <input type="hidden" name="import" value=id />
                                <button class="button">"Cancel the rest"</button>
                            </ActionForm>
                        }
                    })}
            </div>
        </div>
    }
}

#[component]
fn Report(import: Import) -> impl IntoView {
    let formats = Formats::current();
    let counts = import.counts;
    let lines = |number: i32| formats.count(number.into(), "line", "lines");
    let (class, told) = if import.state == ImportState::Cancelled {
        let why = import.cancelled_by.as_ref().map_or_else(
            || "It ended because who had started it was deleted".to_owned(),
            |name| format!("{} cancelled it", isolated(name)),
        );
        let left = were(&lines(counts.not_done()), counts.not_done());
        ("message message--error", format!("{why}: {left} not reached."))
    } else if counts.failed() == 0 {
        ("message message--done", format!("All {} are done.", lines(counts.lines)))
    } else {
        ("message message--error", format!("{} could not be enrolled.", lines(counts.failed())))
    };
    view! {
        <div class="card stack">
            <p class=class>{told}</p>
            <Facts import=import.clone() />
            <div class="actions">
                <a class="button" href=paths::import_result(import.group, import.id) download>"Download the result (CSV)"</a>
                <a class="button" href=paths::group(import.group)>"Go to the group"</a>
                <a class="button" href=paths::group_bulk(import.group)>"Enroll more"</a>
            </div>
        </div>
    }
}

fn were(lines: &str, number: i32) -> String {
    format!("{lines} {}", if number == 1 { "was" } else { "were" })
}
