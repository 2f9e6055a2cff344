//! Every text that people read, in a few files that can be read in one sitting.

use std::fmt::Write;

use groupdesk::kernel::actor::{ChangeNote, PersonRef, Role};
use groupdesk::resources::change_sets::model::UndoSummary;
use groupdesk::resources::enrollments::model::{BulkRemoval, MoveSummary};
use groupdesk::resources::imports::model::ImportMode;
use groupdesk::ui::components::flash_banner::FlashMessage;
use groupdesk::ui::flash::{CreatorChange, Flash, Named, Notice, Once};
use groupdesk::ui::locale::viewer_locale::ViewerLocale;
use groupdesk::ui::messages::{Names, explain};
use groupdesk::ui::viewer::Viewer;
use leptos::prelude::*;
use sqlx::PgPool;
use strum::VariantNames;

use crate::support::problems::{assert_complete, problems, variant};
use crate::support::{self, TestApp, enroll, remove, time, visible_text};

const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const OTHER: &str = "b2c3d4e5-f6a7-8901-bcde-f12345678901";
const NOW: &str = "2026-05-28T09:15:00Z";

fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("an id")
}

#[test]
fn sentences_of_refusals_are_pinned() {
    let formats = ViewerLocale::of(&axum::http::HeaderMap::new()).formats(time(NOW));
    let mut text = String::new();
    for problem in problems() {
        let error = explain(&problem, &formats, &Names::new());
        writeln!(text, "{} ({:?}): {}", variant(&problem), error.kind, error.sentence).unwrap();
        for (field, fault) in error.fields {
            writeln!(text, "    {field}: {fault}").unwrap();
        }
        if let Some(link) = error.about {
            writeln!(text, "    [{}]({})", link.text, link.path).unwrap();
        }
    }
    insta::assert_snapshot!("refusals", text);
}

fn notices() -> Vec<Notice> {
    let group = || Named { id: id(ID), name: "EMEA".to_owned() };
    let workspace = || Named { id: id(OTHER), name: "Acme".to_owned() };
    let person = || PersonRef { id: id(ID), name: "Ana Lima".to_owned() };
    let name = || "Ana Lima".to_owned();
    let change =
        |to| CreatorChange { enrollment: id(ID), workspace: workspace(), group: group(), from: None, to };
    let emptying = || BulkRemoval { group: id(ID), at: time(NOW), request: "4bf92f35".to_owned() };
    let mut notices = vec![
        Notice::GroupRenamed { from: "Europe".to_owned(), to: group() },
        Notice::GroupRemoved { group: group() },
        Notice::GroupSettingsSaved { group: group() },
        Notice::Undone {
            change_set: id(ID),
            summary: UndoSummary { enrolled: 2, removed: 1, left_alone: 3 },
        },
        Notice::Undone {
            change_set: id(ID),
            summary: UndoSummary { enrolled: 0, removed: 1, left_alone: 0 },
        },
        Notice::Moved {
            change_set: id(ID),
            from: group(),
            to: Named { id: id(OTHER), name: "APAC".to_owned() },
            summary: MoveSummary { workspaces: 3, already: 1, removed: 3 },
            keeps: false,
        },
        Notice::Moved {
            change_set: id(ID),
            from: group(),
            to: Named { id: id(OTHER), name: "APAC".to_owned() },
            summary: MoveSummary { workspaces: 1, already: 0, removed: 0 },
            keeps: true,
        },
        Notice::Moved {
            change_set: id(ID),
            from: group(),
            to: Named { id: id(OTHER), name: "APAC".to_owned() },
            summary: MoveSummary { workspaces: 1, already: 1, removed: 0 },
            keeps: true,
        },
        Notice::Restored { change_set: id(ID), group: group(), enrolled: 812, removed: 3 },
        Notice::RemovedMatching { change_set: id(ID), group: group(), workspaces: 3 },
        Notice::EnrolledMatching { change_set: id(ID), group: group(), enrolled: 2, already: 1, gone: 1 },
        Notice::EnrolledMatching { change_set: id(ID), group: group(), enrolled: 0, already: 1, gone: 0 },
        Notice::GroupRestored { group: group(), enrolled: 2, already: 1, gone: 1 },
        Notice::GroupRestored { group: group(), enrolled: 1, already: 0, gone: 0 },
        Notice::Enrolled { enrollment: id(ID), workspace: workspace(), group: group() },
        Notice::EnrolledMany { enrollments: vec![id(ID)], already: 2, group: group() },
        Notice::EnrolledMany { enrollments: Vec::new(), already: 1, group: group() },
        Notice::Removed { enrollment: id(ID), workspace: workspace(), group: group() },
        Notice::RemovedMany { enrollments: vec![id(ID), id(OTHER)], group: group() },
        Notice::RemovedMany { enrollments: Vec::new(), group: group() },
        Notice::AlreadyRemoved { workspace: workspace(), group: group() },
        Notice::CreatorChanged(change(Some(person()))),
        Notice::CreatorChanged(change(None)),
        Notice::CreatorUnchanged { workspace: workspace(), group: group(), to: Some(person()) },
        Notice::CreatorUnchanged { workspace: workspace(), group: group(), to: None },
        Notice::WorkspaceCreated { workspace: workspace() },
        Notice::WorkspaceSaved { workspace: workspace() },
        Notice::ExternalIdReleased { workspace: workspace() },
        Notice::WorkspaceRemoved { workspace: workspace() },
        Notice::PersonCreated { person: person() },
        Notice::PersonSaved { person: person() },
        Notice::ImportDiscarded,
        Notice::ImportStarted { group: group(), mode: ImportMode::Enroll },
        Notice::ImportStarted { group: group(), mode: ImportMode::Remove },
        Notice::ImportStarted { group: group(), mode: ImportMode::Exact },
        Notice::ImportStarted { group: group(), mode: ImportMode::Restore },
        Notice::ImportStarted { group: group(), mode: ImportMode::Undo },
        Notice::ImportStartedBefore,
        Notice::ImportCancelled,
        Notice::ImportEndedBefore,
        Notice::TokenCreated { name: name(), text: Once("groupdesk_…".to_owned()) },
        Notice::TokenRevoked { name: name() },
        Notice::OperatorInvited { name: name(), link: Once("https://…".to_owned()) },
        Notice::LinkCreated { name: name(), link: Once("https://…".to_owned()) },
        Notice::RoleGiven { name: name(), role: Role::Admin },
        Notice::RoleGiven { name: name(), role: Role::Support },
        Notice::OperatorDisabled { operator: id(ID), name: name() },
        Notice::OperatorEnabled { name: name() },
        Notice::OperatorLinked { name: name() },
        Notice::OperatorUnlinked { name: name() },
        Notice::PasswordChanged,
        Notice::SessionEnded,
        Notice::SignedOut,
        Notice::SignedOutEverywhere,
        Notice::TypedRestored,
    ];
    for count in [0, 1, 2] {
        notices.push(Notice::GroupCreated { group: group(), workspaces: count });
        notices.push(Notice::GroupEmptied {
            emptying: emptying(),
            group_name: "EMEA".to_owned(),
            workspaces: count,
        });
        notices.push(Notice::PersonDeleted { name: name(), enrollments: i64::try_from(count).unwrap() });
        notices.push(Notice::OtherSessionsEnded { ended: u64::try_from(count).unwrap() });
    }
    assert_complete(&notices, Notice::VARIANTS);
    notices
}

fn rendered(notice: Notice) -> String {
    let owner = Owner::new();
    owner.with(|| {
        provide_context(ViewerLocale::of(&axum::http::HeaderMap::new()).formats(time(NOW)));
        provide_context(Viewer {
            operator: None,
            flash: Some(Flash {
                outcome: Ok(notice),
                typed: std::collections::BTreeMap::new(),
                answer: None,
            }),
            note: ChangeNote::default(),
            now: time(NOW),
            here: "/groups".to_owned(),
            locale: ViewerLocale::of(&axum::http::HeaderMap::new()),
            provider: None,
            form_key: String::new(),
            https: None,
        });
        visible_text(&view! { <FlashMessage /> }.to_html())
    })
}

#[test]
fn messages_after_changes_are_pinned() {
    let mut text = String::new();
    for notice in notices() {
        writeln!(text, "{}: {}", variant(&notice), rendered(notice)).unwrap();
    }
    insta::assert_snapshot!("notices", text);
}

/// The text of each page, for an admin and for support staff where it differs.
#[database_test]
async fn texts_of_pages_are_pinned(pool: PgPool) {
    let emea = support::group(&pool, "EMEA").await;
    let (acme, gone) = (support::workspace(&pool, "Acme").await, support::workspace(&pool, "Globex").await);
    let person = support::person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let admin = app.admin().await;
    let enrollment = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let removed = enroll(&pool, &emea, &gone, time("2026-05-02T00:00:00Z")).await;
    remove(&pool, &removed, time("2026-05-03T00:00:00Z")).await;
    let support = app.support().await;
    for table in ["core_api.workspace_groups", "core_api.workspaces", "core_api.peoples"] {
        let statement = format!(
            "UPDATE {table} SET created_at = timestamptz '2026-05-01Z' + pk * interval '1 hour', updated_at = NULL"
        );
        sqlx::raw_sql(&statement).execute(&pool).await.unwrap();
    }
    // Lists order rows of one time by their random ids.
    let statement =
        "UPDATE groupdesk.operators SET created_at = timestamptz '2026-05-01Z' + pk * interval '1 day'";
    sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    let mut text = String::new();
    for path in [
        "/".to_owned(),
        "/groups".to_owned(),
        "/groups?q=nothing".to_owned(),
        "/groups/new".to_owned(),
        format!("/groups/{emea}"),
        format!("/groups/{emea}?tab=removed"),
        format!("/groups/{emea}?tab=history"),
        format!("/groups/{emea}/remove"),
        format!("/groups/{emea}/removals?all=yes"),
        format!("/groups/{emea}/bulk"),
        format!("/enrollments/{enrollment}"),
        format!("/enrollments/{removed}"),
        format!("/enrollments/{enrollment}/remove"),
        format!("/enrollments/{enrollment}/attribution"),
        "/workspaces".to_owned(),
        "/workspaces/new".to_owned(),
        format!("/workspaces/{acme}"),
        format!("/workspaces/{acme}?tab=enrollments"),
        format!("/workspaces/{acme}?tab=history"),
        format!("/workspaces/{acme}/edit"),
        format!("/workspaces/{acme}/remove"),
        "/people".to_owned(),
        "/people/new".to_owned(),
        format!("/people/{person}"),
        format!("/people/{person}?tab=activity"),
        format!("/people/{person}/edit"),
        format!("/people/{person}/delete"),
        "/search?q=acme".to_owned(),
        "/search?q=nothing".to_owned(),
        "/audit".to_owned(),
        format!("/audit/as-of?group={emea}"),
        format!("/audit/compare?group={emea}&earlier=2026-04-01T12:00:00Z&later=2026-05-27T12:00:00Z"),
        // Events of the other actions have the time of the test.
        "/audit/admin?action=signed_in".to_owned(),
        "/tokens".to_owned(),
        "/tokens/new".to_owned(),
        "/operators".to_owned(),
        "/operators/new".to_owned(),
        "/account".to_owned(),
        "/nothing/here".to_owned(),
    ] {
        let pages = [("admin", admin.open(&path).await), ("support", support.open(&path).await)];
        let [(_, by_admin), (_, by_support)] = &pages;
        let all = if by_admin.main() == by_support.main() { &pages[..1] } else { &pages[..] };
        for (viewer, page) in all {
            writeln!(text, "## {path}, {viewer}: {}\n{}\n", page.status, page.main()).unwrap();
        }
    }
    writeln!(text, "## /login\n{}", app.browser().open("/login").await.main()).unwrap();
    for (name, value) in [
        ("GROUP", &emea),
        ("ENROLLMENT", &enrollment),
        ("REMOVED", &removed),
        ("WORKSPACE", &acme),
        ("GLOBEX", &gone),
        ("PERSON", &person),
    ] {
        text = text.replace(value.as_str(), name);
    }
    insta::assert_snapshot!("pages", text);
}
