//! Lists for removal and exact lists on the pages, and the warning about groups that another system manages.

use pretty_assertions::assert_eq;
use reqwest::multipart::Form;
use sqlx::PgPool;

use super::bulk::{assert_contains, import_count, pasted, run};
use crate::support::{Page, TestApp, group, live_count, workspace};

fn in_mode(mode: &str, text: &str) -> Form {
    Form::new().text("mode", mode.to_owned()).text("pasted", text.to_owned())
}

#[database_test]
async fn pasted_list_is_removed_and_the_removal_undone(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    for name in ["Acme", "Bolt", "Cyan"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let enrolling = admin.send(&bulk, pasted("acme,bolt")).await;
    admin.press(&enrolling, "import-start", &[]).await;
    run(&pool).await;

    let preview = admin.send(&bulk, in_mode("remove", "acme\ncyan\nnope")).await;
    let texts = [
        "Remove 1 workspace from EMEA?",
        "1 of 3 lines will be removed. 1 not in the group, 1 unknown.",
        "Cannot be removed (1)",
        "Not in the group (1)",
        "Will be removed (1)",
    ];
    assert_contains(&preview, &texts);
    assert!(!preview.text().contains("Already there"), "{}", preview.text());
    let started = admin.press(&preview, "import-start", &[("reason", "Contract ended")]).await;
    assert_eq!(started.message(), "The removal of the list from EMEA was started.");
    run(&pool).await;
    assert_eq!(live_count(&pool).await, 1);
    let report = admin.open(&preview.at).await;
    assert_contains(
        &report,
        &["1 workspace removed from EMEA", "1 line could not be removed.", "Undo this import …"],
    );
    let result = admin.open(&format!("{}/result.csv", preview.at)).await;
    let outcomes: Vec<_> = result.html.lines().skip(1).map(|line| line.split(',').nth(4).unwrap()).collect();
    assert_eq!(outcomes, ["removed", "not_in", "unknown"]);
    assert_contains(&admin.open(&bulk).await, &["Pasted 3 lines Remove Finished 0 1 1"]);

    let id = preview.at.rsplit('/').next().unwrap();
    let undo = admin.open(&format!("/audit/changes/{id}/undo")).await;
    admin.press(&undo, "change-set-undo", &[]).await;
    assert_eq!(live_count(&pool).await, 2);
}

#[database_test]
async fn exact_list_shows_and_confirms_what_it_removes(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    for name in ["Acme", "Bolt", "Cyan", "Dune"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let enrolling = admin.send(&bulk, pasted("acme,bolt,cyan")).await;
    admin.press(&enrolling, "import-start", &[]).await;
    run(&pool).await;

    let preview = admin.send(&bulk, in_mode("exact", "acme\ndune\nnope")).await;
    let texts = [
        "Make EMEA exactly this list?",
        "1 of 3 lines will be enrolled, and 2 workspaces that are not on the list will be removed. 1 already there, 1 unknown.",
        "1 line matches no workspace. If one is misspelled, its workspace will be removed.",
        "Type 2 to confirm that 2 workspaces will be removed",
        "Enroll 1 workspace and remove 2",
    ];
    assert_contains(&preview, &texts);
    // Corrected lines are only a part of the list, so they do not become the group.
    assert!(preview.html.contains("name=\"mode\" value=\"enroll\""), "{}", preview.html);
    let shown = admin.open(&format!("{}?show=removed", preview.at)).await;
    assert_contains(&shown, &["Will be removed (2)", "not listed bolt Bolt", "not listed cyan Cyan"]);

    let refused = admin.press(&preview, "import-start", &[("confirm", "3")]).await;
    let sentence = "Nothing has been changed yet. Type 2 to confirm that 2 workspaces will be removed.";
    assert_eq!(refused.message(), sentence);
    assert!(refused.html.contains("value=\"3\""), "what was typed is not lost");
    // Someone else removes one of the two in between.
    let removing = admin.send(&bulk, in_mode("remove", "cyan")).await;
    admin.press(&removing, "import-start", &[]).await;
    run(&pool).await;
    let moved = admin.press(&preview, "import-start", &[("confirm", "2")]).await;
    assert_eq!(
        moved.message(),
        "The group has changed: the list would now remove 1 workspace. Check the list and confirm again."
    );
    assert_eq!(live_count(&pool).await, 2);
    let started = admin.press(&moved, "import-start", &[("confirm", "1")]).await;
    assert_eq!(started.message(), "The change of EMEA to exactly this list was started.");
    run(&pool).await;
    let report = admin.open(&preview.at).await;
    assert_contains(&report, &["1 workspace enrolled in EMEA, 1 workspace removed", "Removed (1)"]);
    let result = admin.open(&format!("{}/result.csv", preview.at)).await;
    let last = result.html.lines().last().unwrap();
    assert!(
        last.starts_with(",bolt,") && last.contains("removed,\"removed, because it is not on the list\""),
        "{last}"
    );

    let nothing = admin.send(&bulk, in_mode("exact", "nope")).await;
    assert_contains(&nothing, &["The list names no workspace that exists, so the group would become empty."]);
    assert!(!nothing.has_form("import-start"));
}

#[database_test]
async fn mode_of_a_refused_list_stays_chosen(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let bulk = format!("/groups/{emea}/bulk");
    let is_checked = |page: &Page, mode: &str| {
        let button = page.html.split('<').find(|tag| tag.contains(&format!("id=\"paste-{mode}\"")));
        button.unwrap().contains("checked")
    };
    assert!(is_checked(&admin.open(&bulk).await, "enroll"));
    let empty = admin.send(&bulk, in_mode("exact", " ")).await;
    assert_eq!(empty.message(), "The list contains no ids. Add at least one workspace id or external id.");
    assert!(is_checked(&empty, "exact") && !is_checked(&empty, "enroll"), "{}", empty.html);
    let unknown = admin.send(&bulk, in_mode("everything", "acme")).await;
    assert_eq!(unknown.message(), "The form is incomplete. Reload the page and try again.");
    assert_eq!(import_count(&pool).await, 0);
}

#[database_test]
async fn pages_of_a_managed_group_warn_before_changes_by_hand(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, support) = (app.admin().await, app.support().await);
    let pages = [format!("/groups/{emea}"), format!("/groups/{emea}/bulk")];
    let warning = "This group is managed by Terraform. Changes by hand may be overwritten.";
    for page in &pages {
        assert!(!admin.open(page).await.html.contains("is managed by"), "{page}");
    }
    sqlx::raw_sql(
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, managed_by)
         SELECT pk, 'Terraform' FROM core_api.workspace_groups",
    )
    .execute(&pool)
    .await
    .unwrap();
    for page in &pages {
        assert_contains(&admin.open(page).await, &[warning]);
        assert!(!support.open(page).await.html.contains("is managed by"), "{page}");
    }
}
