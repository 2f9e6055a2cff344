//! `groupdesk plan`, `apply`, `drift` and `dump`.

use std::path::Path;
use std::time::Duration;

use groupdesk::kernel::actor::{Actor, Source};
use groupdesk::platform::call::{Call, Write};
use groupdesk::platform::clock;
use groupdesk::platform::failure::Failure;
use groupdesk::resources::enrollments::ops::{enrollment_enroll_each, enrollment_ensure_none};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;

use crate::support::{
    Exit, database_url, event_count, group, groupdesk, person, run, violations, wait_until, workspaces,
};

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

async fn command(pool: &PgPool, args: &[&str]) -> Exit {
    let url = database_url(pool);
    run(&[args, &["--database-url", &url]].concat()).await
}

/// The external ids of the workspaces in a group, in their order.
async fn members(pool: &PgPool, group: &str) -> String {
    sqlx::query_scalar(
        "SELECT coalesce(string_agg(w.external_workspace_id, ' ' ORDER BY w.pk), '')
         FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         WHERE e.deleted_at IS NULL AND g.workspace_group_id = $1::uuid",
    )
    .bind(group)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Makes a group contain these workspaces by the commands themselves.
async fn fill(pool: &PgPool, files: &Files, group: &str, ids: &[&str]) {
    let rows: Vec<String> = ids.iter().map(|id| format!("{group},{id}")).collect();
    let file = files.write("fill.csv", &format!("group,workspace\n{}\n", rows.join("\n")));
    let plan = files.path("fill.json");
    assert_eq!(command(pool, &["plan", &file, "--out", &plan]).await.status, 3);
    let applied = command(pool, &["apply", &plan]).await;
    assert_eq!(applied.status, 0, "{applied:?}");
}

async fn assert_no_violations(pool: &PgPool) {
    assert_eq!(violations(&mut pool.acquire().await.unwrap()).await, Vec::<String>::new());
}

async fn change_sets(pool: &PgPool) -> Vec<(String, i64)> {
    sqlx::query_as(
        "SELECT concat_ws(' ', source, actor_name, reason, reference), count(DISTINCT change_set_id)
         FROM groupdesk.enrollment_events GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[database_test]
async fn plan_of_a_table_is_shown_and_applied(pool: PgPool) {
    let files = Files::new();
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let other = group(&pool, "Other").await;
    workspaces(&pool, 6).await;
    fill(&pool, &files, &emea, &["w-1", "w-2"]).await;
    fill(&pool, &files, &other, &["w-6"]).await;
    let file = files.write(
        "groups.csv",
        &format!("group,workspace\nEMEA,w-2\nEMEA,w-3\nEMEA,nope\nEMEA,w-3\n{apac},w-4\n"),
    );
    let plan = files.path("plan.json");

    let shown = command(&pool, &["plan", &file, "--out", &plan]).await;

    let expected = format!(
        "EMEA ({emea}), exactly this list\n  + w-3 (line 3)\n  - w-1\n  \
         ! line 4: nope: no workspace has this id or external id, or it was archived\n  \
         1 would be enrolled, 1 would be removed, 1 unchanged, 1 duplicate, 1 cannot be enrolled\n\
         APAC ({apac}), exactly this list\n  + w-4 (line 6)\n  \
         1 would be enrolled, 0 would be removed, 0 unchanged\n3 changes in 2 groups\n"
    );
    assert_eq!((shown.status, shown.out), (3, expected), "{}", shown.err);
    assert_eq!(members(&pool, &emea).await, "w-1 w-2", "a plan changes nothing");

    let note = ["--reason", "Renewal", "--reference", "OPS-9", "--person", "ana@example.com"];
    let refused = command(&pool, &[&["apply", &plan][..], &note].concat()).await;
    assert_eq!((refused.status, refused.out.as_str()), (1, ""));
    let sentence = format!("EMEA ({emea}): Nothing was changed: this would remove 1 workspace");
    assert!(refused.err.contains(&sentence), "{}", refused.err);
    assert_eq!(members(&pool, &apac).await, "", "every group is checked before the first is changed");

    let applied = command(&pool, &[&["apply", &plan, "--max-removals", "1"][..], &note].concat()).await;
    assert_eq!(applied.status, 1, "a line has failed: {applied:?}");
    assert!(applied.err.contains("1 line names no workspace that can be enrolled"), "{}", applied.err);
    let mut lines: Vec<&str> = applied.out.lines().collect();
    assert!(lines.pop().unwrap().starts_with("change set "));
    lines.sort_unstable();
    assert_eq!(lines, ["APAC: 1 enrolled, 0 removed", "EMEA: 1 enrolled, 1 removed"]);
    assert_eq!(
        [members(&pool, &emea).await, members(&pool, &apac).await, members(&pool, &other).await],
        ["w-2 w-3", "w-4", "w-6"]
    );
    assert!(change_sets(&pool).await.contains(&("cli Ana Lima Renewal OPS-9".to_owned(), 1)));
    assert_no_violations(&pool).await;

    // The file has only the line left that fails, and the plan has nothing left to do.
    let rest = command(&pool, &["plan", &file]).await;
    assert_eq!(rest.status, 1, "{rest:?}");
    let events = event_count(&pool).await;
    let again = command(&pool, &["apply", &plan]).await;
    assert!(again.out.contains("EMEA: already as planned"), "{again:?}");
    assert_eq!(event_count(&pool).await, events);
}

#[database_test]
async fn toml_lists_have_their_own_modes(pool: PgPool) {
    let files = Files::new();
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 4).await;
    fill(&pool, &files, &emea, &["w-1", "w-2"]).await;
    fill(&pool, &files, &apac, &["w-1", "w-2"]).await;
    let text = "[[group]]\ngroup = \"EMEA\"\nworkspaces = [\"w-2\", \"w-3\"]\n\n\
                [[group]]\ngroup = \"APAC\"\nmode = \"at_least\"\nworkspaces = [\"w-4\"]\n";
    let (file, plan) = (files.write("groups.toml", text), files.path("plan.json"));
    let shown = command(&pool, &["plan", &file, "--json", "--out", &plan]).await;
    assert_eq!(shown.status, 3, "{shown:?}");
    let document: Value = serde_json::from_str(&shown.out).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
    assert_eq!(document, written);
    assert_eq!(document["format"], "groupdesk-plan-1");
    let shape = |group: &Value| {
        let texts = |steps: &Value| {
            steps.as_array().unwrap().iter().map(|step| step["text"].clone()).collect::<Vec<_>>()
        };
        (texts(&group["enroll"]), texts(&group["remove"]), group["unchanged"].clone(), group["mode"].clone())
    };
    let groups = document["groups"].as_array().unwrap();
    assert_eq!(shape(&groups[0]), (vec![json!("w-3")], vec![json!("w-1")], json!(1), json!("exact")));
    assert_eq!(shape(&groups[1]), (vec![json!("w-4")], vec![], json!(2), json!("at_least")));

    let applied = command(&pool, &["apply", &plan, "--max-removals", "50%", "--json"]).await;
    assert_eq!(applied.status, 0, "{applied:?}");
    let report: Value = serde_json::from_str(&applied.out).unwrap();
    assert_eq!(report["change_set"], document["change_set"]);
    let results: Vec<_> = report["groups"].as_array().unwrap().iter().map(|group| &group["result"]).collect();
    assert_eq!(results, ["applied", "applied"]);
    assert_eq!([members(&pool, &emea).await, members(&pool, &apac).await], ["w-2 w-3", "w-1 w-2 w-4"]);
    assert_eq!(command(&pool, &["plan", &file]).await.status, 0);

    // In CSV the mode is a flag.
    let csv = files.write("groups.csv", "group,workspace\nEMEA,w-1\n");
    let shown = command(&pool, &["plan", &csv, "--mode", "at_least"]).await;
    assert!(shown.out.contains("1 would be enrolled, 0 would be removed, 2 unchanged"), "{shown:?}");
    assert_eq!(command(&pool, &["plan", &file, "--mode", "at_least"]).await.status, 2);
}

#[database_test]
async fn plan_of_another_state_is_refused(pool: PgPool) {
    let files = Files::new();
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 5).await;
    fill(&pool, &files, &emea, &["w-1"]).await;
    let text = "group,workspace\nEMEA,w-1\nEMEA,w-2\nAPAC,w-3\n";
    let (file, plan) = (files.write("groups.csv", text), files.path("plan.json"));
    command(&pool, &["plan", &file, "--out", &plan]).await;
    fill(&pool, &files, &emea, &["w-1", "w-5"]).await;

    let refused = command(&pool, &["apply", &plan]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("EMEA") && refused.err.contains("make a new plan"), "{}", refused.err);
    assert_eq!([members(&pool, &emea).await, members(&pool, &apac).await], ["w-1 w-5", ""]);

    command(&pool, &["plan", &file, "--out", &plan]).await;
    assert_eq!(command(&pool, &["history", "new"]).await.status, 0);
    let refused = command(&pool, &["apply", &plan, "--max-removals", "100%"]).await;
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains("restored from a backup"), "{}", refused.err);

    // A plan that was edited does not lead to the members that it says.
    command(&pool, &["plan", &file, "--out", &plan]).await;
    let mut document: Value = serde_json::from_slice(&std::fs::read(&plan).unwrap()).unwrap();
    document["groups"][0]["enroll"] = json!([]);
    let edited = files.write("edited.json", &document.to_string());
    assert_eq!(command(&pool, &["apply", &edited, "--max-removals", "100%"]).await.status, 1);
    for text in ["", "{}", "[]", "group,workspace\n"] {
        let other = files.write("other.json", text);
        assert_eq!(command(&pool, &["apply", &other]).await.status, 2, "{text}");
    }
    assert_eq!(members(&pool, &emea).await, "w-1 w-5");
}

#[database_test]
async fn empty_list_empties_a_group_only_on_request(pool: PgPool) {
    let files = Files::new();
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2).await;
    fill(&pool, &files, &emea, &["w-1", "w-2"]).await;
    let (file, plan) = (files.write("groups.csv", "group,workspace\nEMEA,\n"), files.path("plan.json"));
    let shown = command(&pool, &["plan", &file, "--out", &plan]).await;
    assert!(shown.out.contains("0 would be enrolled, 2 would be removed"), "{shown:?}");
    let refused = command(&pool, &["apply", &plan, "--max-removals", "100%"]).await;
    assert!(refused.err.contains("the group would become empty"), "{refused:?}");
    let refused = command(&pool, &["apply", &plan, "--allow-empty"]).await;
    assert!(refused.err.contains("would remove 2 workspaces"), "{refused:?}");
    assert_eq!(members(&pool, &emea).await, "w-1 w-2");
    let applied = command(&pool, &["apply", &plan, "--allow-empty", "--max-removals", "2"]).await;
    assert_eq!((applied.status, members(&pool, &emea).await.as_str()), (0, ""), "{applied:?}");
}

#[database_test]
async fn mistakes_in_a_file_are_reported_with_their_lines(pool: PgPool) {
    let files = Files::new();
    group(&pool, "EMEA").await;
    let apac = group(&pool, "APAC").await;
    group(&pool, "Twice").await;
    group(&pool, "Twice").await;
    for (name, text, status, expected) in [
        ("empty.csv", "group,workspace\n".to_owned(), 2, "the file names no group"),
        ("empty.toml", String::new(), 2, "the file names no group"),
        ("column.csv", "group,id\nEMEA,w-1\n".to_owned(), 2, "the first line has no column workspace"),
        ("list.toml", "[[group]]\ngroup = \"EMEA\"\n".to_owned(), 2, "missing field `workspaces`"),
        (
            "groups.csv",
            format!("group,workspace\nEMEA,w-1\nemea,w-1\nTwice,w-1\nAPAC,w-1\n{apac},w-2\n"),
            1,
            "line 3: emea: no group has this id or name, or it was archived\n\
             line 4: Twice: 2 groups have this name; use an id\n",
        ),
    ] {
        let file = files.write(name, &text);
        for verb in ["plan", "drift"] {
            let refused = command(&pool, &[verb, &file]).await;
            assert_eq!((refused.status, refused.out.as_str()), (status, ""), "{name}: {refused:?}");
            assert!(refused.err.contains(expected), "{name}: {}", refused.err);
        }
    }
    let repeated = command(&pool, &["plan", &files.path("groups.csv")]).await;
    let sentence = format!("line 6: {apac}: this group is already listed on line 5");
    assert!(repeated.err.contains(&sentence), "{}", repeated.err);
    assert_eq!(command(&pool, &["plan", "/no/such/file"]).await.status, 1);
}

#[database_test]
async fn drift_is_measured_for_a_scheduled_check(pool: PgPool) {
    let files = Files::new();
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 3).await;
    fill(&pool, &files, &emea, &["w-1", "w-2"]).await;
    let file = files.write("groups.csv", &format!("group,workspace\n{emea},w-2\n{emea},w-3\n{apac},\n"));
    let metrics = files.path("groupdesk.prom");
    let drifted = command(&pool, &["drift", &file, "--metrics", &metrics]).await;
    let expected = format!(
        "EMEA ({emea}): 1 would be enrolled, 1 would be removed, 1 unchanged\n\
         APAC ({apac}): 0 would be enrolled, 0 would be removed, 0 unchanged\n"
    );
    assert_eq!((drifted.status, drifted.out), (3, expected), "{}", drifted.err);
    let text = std::fs::read_to_string(&metrics).unwrap();
    for line in [
        "# TYPE groupdesk_drift_enrollments gauge".to_owned(),
        format!("groupdesk_drift_enrollments{{group=\"{emea}\"}} 2"),
        format!("groupdesk_drift_enrollments{{group=\"{apac}\"}} 0"),
        format!("groupdesk_drift_failed_lines{{group=\"{emea}\"}} 0"),
    ] {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
    assert!(!Path::new(&format!("{metrics}.part")).exists());

    fill(&pool, &files, &emea, &["w-1", "w-2", "w-3"]).await;
    let file = files.write("same.csv", &format!("group,workspace\n{emea},w-1\n{emea},w-2\n{emea},w-3\n"));
    let same = command(&pool, &["drift", &file, "--json", "--metrics", &metrics]).await;
    assert_eq!(same.status, 0, "{same:?}");
    assert_eq!(serde_json::from_str::<Value>(&same.out).unwrap()["groups"][0]["unchanged"], 3);
    let text = std::fs::read_to_string(&metrics).unwrap();
    assert!(text.contains(&format!("groupdesk_drift_enrollments{{group=\"{emea}\"}} 0\n")), "{text}");
}

#[database_test]
async fn dump_is_a_file_without_drift(pool: PgPool) {
    let files = Files::new();
    let (emea, odd) = (group(&pool, "EMEA").await, group(&pool, "=Odd \"name\"").await);
    group(&pool, "Empty").await;
    workspaces(&pool, 3).await;
    fill(&pool, &files, &emea, &["w-1", "w-2"]).await;
    fill(&pool, &files, &odd, &["w-3"]).await;
    for format in ["csv", "toml"] {
        let file = files.path(&format!("dump.{format}"));
        let dumped = command(&pool, &["dump", "--format", format, "--output", &file]).await;
        assert_eq!((dumped.status, dumped.out.as_str()), (0, ""), "{dumped:?}");
        let same = command(&pool, &["plan", &file]).await;
        assert!(same.out.ends_with("0 changes in 0 groups\n"), "{same:?}");
        assert_eq!((same.status, same.out.matches("exactly").count()), (0, 3), "{same:?}");
    }
    let one = command(&pool, &["dump", "--group", &odd, "--format", "toml"]).await;
    let id: String = sqlx::query_scalar(
        "SELECT workspace_id::text FROM core_api.workspaces WHERE external_workspace_id = 'w-3'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let expected = format!(
        "[[group]]\ngroup = \"{odd}\" # =Odd \"name\"\nworkspaces = [\n    \"{id}\", # Workspace 3\n]\n"
    );
    assert_eq!((one.status, one.out), (0, expected));
    let csv = command(&pool, &["dump", "--group", &emea, "--group", &odd]).await;
    let rows: Vec<&str> = csv.out.lines().collect();
    assert_eq!((rows[0], rows.len()), ("group,workspace,group_name,workspace_name", 4));
    assert!(rows[3].starts_with(&format!("{odd},{id},\"'=Odd ")), "{rows:?}");
    let nobody = "00000000-0000-4000-8000-000000000000";
    assert_eq!(command(&pool, &["dump", "--group", nobody]).await.status, 1);
}

/// The process is killed while it waits for the lock of the second group.
#[database_test]
async fn killed_apply_is_finished_by_the_same_plan(pool: PgPool) {
    let files = Files::new();
    let mut groups = [group(&pool, "One").await, group(&pool, "Two").await, group(&pool, "Three").await];
    groups.sort();
    workspaces(&pool, 3).await;
    let rows: Vec<String> = groups.iter().map(|group| format!("{group},w-1\n{group},w-2")).collect();
    let file = files.write("groups.csv", &format!("group,workspace\n{}\n", rows.join("\n")));
    let plan = files.path("plan.json");
    command(&pool, &["plan", &file, "--out", &plan]).await;

    let mut holder = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid FOR UPDATE")
        .bind(&groups[1])
        .execute(&mut *holder)
        .await
        .unwrap();
    let url = database_url(&pool);
    let mut child = groupdesk(&["apply", &plan, "--database-url", &url]).spawn().unwrap();
    wait_until(60, "the first group is done", async || members(&pool, &groups[0]).await == "w-1 w-2").await;
    child.kill().await.unwrap();
    drop(holder);
    assert_eq!(members(&pool, &groups[2]).await, "");

    let finished = command(&pool, &["apply", &plan]).await;
    assert_eq!(finished.status, 0, "{finished:?}");
    assert_eq!(finished.out.matches("already as planned").count(), 1, "{finished:?}");
    for group in &groups {
        assert_eq!(members(&pool, group).await, "w-1 w-2");
    }
    assert_eq!(change_sets(&pool).await, [("cli".to_owned(), 1)]);
    assert_no_violations(&pool).await;
}

#[database_test]
async fn group_requires_the_reason_of_a_plan(pool: PgPool) {
    let files = Files::new();
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2).await;
    sqlx::raw_sql(
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy)
         SELECT pk, 'required' FROM core_api.workspace_groups",
    )
    .execute(&pool)
    .await
    .unwrap();
    let (file, plan) = (files.write("groups.csv", "group,workspace\nEMEA,w-1\n"), files.path("plan.json"));
    command(&pool, &["plan", &file, "--out", &plan]).await;
    let refused = command(&pool, &["apply", &plan]).await;
    assert!(refused.status == 1 && refused.err.contains("requires a reason"), "{refused:?}");
    let applied = command(&pool, &["apply", &plan, "--reason", "Onboarding"]).await;
    assert_eq!((applied.status, members(&pool, &emea).await.as_str()), (0, "w-1"), "{applied:?}");
}

fn by_hand() -> Call<Write> {
    let actor = Actor { person: None, source: Source::Web, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}

/// Two admins enroll and remove while a plan is applied: it is applied as a whole in a group, or refused.
#[database_test]
async fn changes_by_hand_during_an_apply_keep_the_invariants(pool: PgPool) {
    let files = Files::new();
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 400).await;
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT workspace_id FROM core_api.workspaces ORDER BY pk")
        .fetch_all(&pool)
        .await
        .unwrap();
    for round in 0..4_usize {
        let listed = (1..=400).filter(|number| (number + round) % 2 == 0);
        let rows: Vec<String> = listed.map(|number| format!("EMEA,w-{number}")).collect();
        let file = files.write("groups.csv", &format!("group,workspace\n{}\n", rows.join("\n")));
        let plan = files.path("plan.json");
        command(&pool, &["plan", &file, "--out", &plan]).await;
        let admin = async |start: usize| {
            tokio::time::sleep(Duration::from_millis(40 * (start as u64 + 1))).await;
            for number in (start..400).step_by(37) {
                let some = [ids[number].into()];
                let group = emea.parse().unwrap();
                let mut transaction = pool.begin().await.unwrap();
                let changed = if number % 2 == 0 {
                    enrollment_enroll_each(&mut transaction, &by_hand(), group, &some).await.map(|_| ())
                } else {
                    enrollment_ensure_none(&mut transaction, &by_hand(), group, &some).await.map(|_| ())
                };
                match changed {
                    Ok(()) => transaction.commit().await.unwrap(),
                    Err(Failure::Conflict(_)) => {}
                    Err(failure) => panic!("{failure:?}"),
                }
            }
        };
        let args = ["apply", &plan, "--max-removals", "100%"];
        let (applied, (), ()) = tokio::join!(command(&pool, &args), admin(0), admin(1));
        if applied.status == 0 {
            assert!(applied.out.contains("EMEA: "), "{applied:?}");
        } else {
            assert!(applied.err.contains("make a new plan"), "{applied:?}");
        }
        assert_no_violations(&pool).await;
        // A plan of the state after it is always applied.
        command(&pool, &["plan", &file, "--out", &plan]).await;
        let settled = command(&pool, &args).await;
        assert_eq!(settled.status, 0, "{settled:?}");
        assert_eq!(command(&pool, &["drift", &file]).await.status, 0);
    }
    assert_no_violations(&pool).await;
}

/// The enrollment by hand is committed while the command waits for the lock of the group.
#[database_test]
async fn plan_of_an_outdated_state_is_refused(pool: PgPool) {
    const WAITS: &str = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                                        WHERE datname = current_database() AND wait_event_type = 'Lock')";
    let files = Files::new();
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    let (file, plan) = (files.write("groups.csv", "group,workspace\nEMEA,w-1\n"), files.path("plan.json"));
    command(&pool, &["plan", &file, "--out", &plan]).await;
    let by_admin: uuid::Uuid = sqlx::query_scalar(
        "SELECT workspace_id FROM core_api.workspaces WHERE external_workspace_id = 'w-3'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let group = emea.parse().unwrap();
    enrollment_enroll_each(&mut transaction, &by_hand(), group, &[by_admin.into()]).await.unwrap();
    let committed = async {
        wait_until(60, "the command waits", async || {
            sqlx::query_scalar::<_, bool>(WAITS).fetch_one(&pool).await.unwrap()
        })
        .await;
        transaction.commit().await.unwrap();
    };
    let args = ["apply", &plan];
    let (refused, ()) = tokio::join!(command(&pool, &args), committed);
    assert!(refused.status == 1 && refused.err.contains("make a new plan"), "{refused:?}");
    assert_eq!(members(&pool, &emea).await, "w-3");
}
