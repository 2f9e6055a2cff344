//! Valid fields for each server function.

use groupdesk::kernel::version::Version;
use groupdesk::platform::clock;
use groupdesk::resources::flows::restore::restore_plan;
use groupdesk::resources::workspace_groups::model::settings::GroupSettings;
use sqlx::PgPool;

use super::fixtures::{EMPTIED_AT, EMPTIED_BY, Fixtures, session_of};
use crate::support::PASSWORD;

pub(super) type Fields = Vec<(&'static str, String)>;

fn fields<const N: usize>(fields: [(&'static str, &str); N]) -> Fields {
    fields.map(|(name, value)| (name, value.to_owned())).into()
}

/// The fields of a function that reads.
pub(super) fn read_fields(function: &str, fixtures: &Fixtures) -> Fields {
    match function {
        "candidates-read" => fields([("group", &fixtures.group), ("search", "hush")]),
        "group-candidates-read" => fields([("workspace", &fixtures.workspace), ("search", "hush")]),
        "search-read" => fields([("text", "hush")]),
        other => panic!("no fields for {other}"),
    }
}

/// The fields of a function that changes something. `email`: the operator of the session, if there is one.
pub(super) async fn change_fields(pool: &PgPool, function: &str, fixtures: &Fixtures, email: &str) -> Fields {
    let here = ("back", "/groups");
    let at = ("form_at", "/groups");
    let Fixtures { person, group, enrollment, removed, operator, token, .. } = fixtures;
    let [first, last, address] = &fixtures.person_shown;
    let free = &fixtures.free_workspace;
    match function {
        "password-change" => fields([("old", PASSWORD), ("new", PASSWORD)]),
        "session-end" if email.is_empty() => fields([("session", group)]),
        "sessions-end-others" if email.is_empty() => Vec::new(),
        "session-end" | "sessions-end-others" => fields([("session", &session_of(pool, email).await)]),
        "sign-out-everywhere" | "sign-out" => Vec::new(),
        "group-rename" => {
            let version = Version::of([Some(&fixtures.group_name)]).to_string();
            fields([("group", group), ("name", "Hush, renamed"), ("version", &version), here])
        }
        "group-remove" => fields([("group", &fixtures.empty_group), at]),
        "group-settings-save" => {
            let version = GroupSettings::default().version().to_string();
            fields([
                ("group", group),
                ("reason_policy", "off"),
                ("managed_by", "Hush"),
                ("version", &version),
            ])
        }
        "group-restore" => {
            let as_of = "2026-05-01T12:00:00Z";
            let mut connection = pool.acquire().await.unwrap();
            let plan = restore_plan(
                &mut connection,
                group.parse().unwrap(),
                as_of.parse().unwrap(),
                clock::system().now(),
            )
            .await
            .unwrap();
            let (history, version) = (plan.history.to_string(), plan.version().to_string());
            fields([("group", group), ("as_of", as_of), ("history", &history), ("plan", &version), at])
        }
        "enrollments-move" => {
            fields([("group", group), ("to", &fixtures.empty_group), ("enrollments[0]", enrollment), at])
        }
        "enrollments-move-matching" => fields([
            ("group", group),
            ("to", &fixtures.empty_group),
            ("from", "2000-01-01T00:00:00Z"),
            ("count", "1"),
            at,
        ]),
        "change-set-undo" => fields([("change_set", &fixtures.change_set), at]),
        "enrollment-enroll" => fields([("group", group), ("workspace", free), here]),
        "enrollment-remove" => fields([("enrollment", enrollment), at, here]),
        "enrollment-readd" => fields([("enrollment", removed), here]),
        "enrollments-remove" => fields([("group", group), ("enrollments[0]", enrollment), at, here]),
        "enrollments-remove-all" => fields([("group", group), ("count", "1"), ("typed", "1"), at, here]),
        "enrollments-remove-matching" | "enrollments-readd-matching" => {
            fields([("group", group), ("from", "2000-01-01T00:00:00Z"), ("count", "1"), at, here])
        }
        "enrollments-readd" => fields([("group", group), ("enrollments[0]", removed), here]),
        "enrollments-refill" => fields([("group", group), ("at", EMPTIED_AT), ("request", EMPTIED_BY), here]),
        "attribution-correct" => fields([("enrollment", enrollment), ("person", person), at, here]),
        "import-start" | "import-discard" => {
            fields([("group", group), ("import", &fixtures.prepared_import)])
        }
        "import-cancel" => fields([("group", group), ("import", &fixtures.running_import)]),
        "group-create" | "workspace-create" => fields([("name", "Hush, new")]),
        "workspace-update" => {
            let external = fixtures.free_workspace_name.to_lowercase().replace(' ', "-");
            let version = Version::of([Some(&fixtures.free_workspace_name), None, Some(&external), None]);
            fields([("workspace", free), ("name", "Hush, new"), ("version", &version.to_string()), at])
        }
        "workspace-release-id" | "workspace-remove" => fields([("workspace", free), at]),
        "person-create" => fields([("first_name", "Hush"), ("last_name", "New")]),
        "person-update" => {
            let version = Version::of([Some(first), Some(last), Some(address)]).to_string();
            let names = [("first_name", first.as_str()), ("last_name", "Renamed")];
            fields([("person", person), names[0], names[1], ("version", &version), at])
        }
        "person-delete" => fields([("person", person), ("name", &format!("{first} {last}")), at]),
        "token-create" => {
            fields([("name", "Hush"), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")])
        }
        "token-revoke" => fields([("token", token)]),
        "operator-invite" => {
            fields([("email", &format!("new-{address}")), ("name", "Hush New"), ("role", "admin")])
        }
        "operator-link" | "operator-disable" => fields([("operator", operator)]),
        "operator-unlink" => {
            let known = "INSERT INTO groupdesk.operator_identities (operator_pk, issuer, subject, linked_at)
                         SELECT pk, 'https://id.example.com', operator_id::text, now() FROM groupdesk.operators
                         WHERE operator_id = $1::uuid ON CONFLICT DO NOTHING";
            sqlx::query(known).bind(operator).execute(pool).await.unwrap();
            fields([("operator", operator)])
        }
        "operator-link-identity" => fields([("operator", operator), ("subject", operator)]),
        "operator-set-role" => fields([("operator", operator), ("role", "admin")]),
        "operator-enable" => {
            let disable = "UPDATE groupdesk.operators SET disabled_at = now() WHERE operator_id = $1::uuid";
            sqlx::query(disable).bind(operator).execute(pool).await.unwrap();
            fields([("operator", operator)])
        }
        "sign-in" => fields([("email", "ana@example.com"), ("password", PASSWORD)]),
        "invitation-accept" => fields([("secret", &fixtures.link), ("password", PASSWORD)]),
        "preferences-set" => fields([("theme", "dark"), ("back", "/account")]),
        other => panic!("no fields for {other}"),
    }
}
