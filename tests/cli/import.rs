//! `groupdesk import`

use std::io::Write as _;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

use crate::support::{
    Exit, Server, database_url, enroll, event_count, events, group, groupdesk, live_count, person, run, time,
    wait_until, workspace, workspaces,
};

fn csv(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn import(pool: &PgPool, args: &[&str]) -> Exit {
    let url = database_url(pool);
    let mut all = vec!["import", "--database-url", &url];
    all.extend(args);
    run(&all).await
}

/// Creates this many workspaces, and a file with their external ids.
async fn many(pool: &PgPool, number: i32) -> NamedTempFile {
    workspaces(pool, number).await;
    let ids: Vec<String> = (1..=number).map(|number| format!("w-{number}")).collect();
    csv(&format!("id\n{}\n", ids.join("\n")))
}

#[database_test]
async fn import_enrolls_and_reports_failed_lines(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    let file = csv(&format!("name,workspace\nAcme,{acme}\nBeta,beta\nNone,nothing\nAcme,acme\n"));
    let path = file.path().to_str().unwrap();

    let ended = import(&pool, &["--group", &emea, path, "--person", "Ana@Example.com"]).await;

    assert_eq!(
        (ended.status, ended.out.as_str()),
        (1, "2 enrolled, 0 already in EMEA, 1 duplicate, 1 failed\n")
    );
    let lines: Vec<&str> = ended.err.lines().collect();
    assert!(
        lines[0].starts_with("import ") && lines[0].contains(": 4 lines; if it is stopped, --resume "),
        "{lines:?}"
    );
    assert_eq!(
        lines[1..],
        [
            "line 4: nothing: no workspace has this id or external id, or it was archived",
            "groupdesk: 1 of 4 lines failed"
        ]
    );
    let logged = events(&pool).await;
    assert_eq!(logged.len(), 2);
    assert!(logged.iter().all(|event| event.1 == "import" && event.2.as_deref() == Some("Ana Lima")));

    // Repeating the import changes nothing, and it succeeds without the failing line.
    let file = csv("acme\nbeta\n");
    let again = import(&pool, &["--group", &emea, file.path().to_str().unwrap()]).await;
    assert_eq!(
        (again.status, again.out.as_str()),
        (0, "0 enrolled, 2 already in EMEA, 0 duplicate, 0 failed\n")
    );
    assert_eq!(event_count(&pool).await, 2);
}

#[database_test]
async fn sep_line_sets_the_separator(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    for (hint, outcome) in [
        ("sep=;", "1 enrolled, 0 already in EMEA"),
        ("\u{feff}sep=;", "0 enrolled, 1 already in EMEA"),
        ("\"sep=;\";", "0 enrolled, 1 already in EMEA"),
    ] {
        let file = csv(&format!("{hint}\r\nname, as written;External id\r\nAcme, Inc., Paris;acme\r\n"));
        let ended = import(&pool, &["--group", &emea, file.path().to_str().unwrap()]).await;
        assert_eq!(
            (ended.status, ended.out),
            (0, format!("{outcome}, 0 duplicate, 0 failed\n")),
            "{}",
            ended.err
        );
    }
}

/// Exports in both formats, and one with only the external ids.
#[database_test]
async fn exports_can_be_imported_with_any_ids(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    for name in ["+49-1", "'=2", "=\"3\"", "a;=b", "-4|+5", "Acme"] {
        let id = workspace(&pool, name).await;
        enroll(&pool, &emea, &id, time("2026-05-01T00:00:00Z")).await;
    }
    let url = database_url(&pool);
    let export = async |format: &str| {
        let args = ["export", "enrollments", "--group", &emea, "--format", format, "--database-url", &url];
        run(&args).await.out
    };
    let table = export("csv").await;
    assert!(table.starts_with("enrollment_id,"), "no byte order mark, because a program reads it");
    let mut external_ids = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    for record in csv::Reader::from_reader(table.as_bytes()).records() {
        external_ids.write_record([&record.unwrap()[5], "x"]).unwrap();
    }
    let external_ids = String::from_utf8(external_ids.into_inner().unwrap()).unwrap();
    for (what, text) in [
        ("csv", table),
        ("ndjson", export("ndjson").await),
        ("external ids", format!("external_workspace_id;x\n{external_ids}")),
    ] {
        let apac = group(&pool, "APAC").await;
        let file = csv(&text);
        let ended = import(&pool, &["--group", &apac, file.path().to_str().unwrap()]).await;
        let expected = "6 enrolled, 0 already in APAC, 0 duplicate, 0 failed\n";
        assert_eq!((ended.status, ended.out.as_str()), (0, expected), "{what}: {}\n{text}", ended.err);
    }
}

#[database_test]
async fn standard_input_is_read_and_the_actor_is_optional(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let url = database_url(&pool);
    let mut command = groupdesk(&["import", "--database-url", &url, "--group", &emea, "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"acme\n").await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "1 enrolled, 0 already in EMEA, 0 duplicate, 0 failed\n"
    );
    assert!(output.status.success());
    assert_eq!(events(&pool).await, [("enrolled".to_owned(), "import".to_owned(), None, None)]);
}

#[database_test]
async fn invalid_imports_fail_and_leave_nothing(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let (empty, list) = (csv("id\n"), csv("acme\n"));
    let (empty, list) = (empty.path().to_str().unwrap(), list.path().to_str().unwrap());
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (args, expected) in [
        (
            vec!["--group", &emea, empty],
            "The list contains no ids. Add at least one workspace id or external id.",
        ),
        (vec!["--group", &emea, "/no/such/file"], "cannot read /no/such/file: "),
        (vec!["--group", nobody, list], "This group does not exist, or was archived."),
        (
            vec!["--group", &emea, list, "--person", "bo@example.com"],
            "No person has the e-mail address bo@example.com.",
        ),
        (vec!["--resume", nobody], "This import does not exist, or was discarded."),
    ] {
        let ended = import(&pool, &args).await;
        assert_eq!((ended.status, ended.out.as_str()), (1, ""), "{ended:?}");
        assert!(ended.err.contains(expected), "{ended:?}");
    }
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.imports").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

/// The process is killed in the middle, twice.
#[database_test]
async fn killed_import_resumes(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let file = many(&pool, 6000).await;
    let path = file.path().to_str().unwrap().to_owned();
    let url = database_url(&pool);
    let mut at_least = 0;
    let mut id = String::new();
    for _ in 0..2 {
        let mut args = vec!["import", "--database-url", &url];
        if id.is_empty() {
            args.extend(["--group", &emea, &path]);
        } else {
            args.extend(["--resume", &id]);
        }
        let mut child = groupdesk(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_until(60, "the import has begun", async || live_count(&pool).await > at_least).await;
        kill(Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()), Signal::SIGKILL).unwrap();
        assert_eq!(child.wait().await.unwrap().code(), None);
        at_least = live_count(&pool).await;
        assert!(at_least > 0 && at_least < 6000, "killed in the middle: {at_least}");
        id = sqlx::query_scalar("SELECT import_id::text FROM groupdesk.imports")
            .fetch_one(&pool)
            .await
            .unwrap();
    }

    let ended = import(&pool, &["--resume", &id]).await;

    assert_eq!(
        (ended.status, ended.out.as_str()),
        (0, "6000 enrolled, 0 already in EMEA, 0 duplicate, 0 failed\n")
    );
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (6000, 6000));
}

/// A server continues the import of a killed command, and the other way round.
#[database_test]
async fn server_continues_the_import_of_a_killed_command(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let file = many(&pool, 6000).await;
    let url = database_url(&pool);
    let args = ["import", "--database-url", &url, "--group", &emea, file.path().to_str().unwrap()];
    let mut child = groupdesk(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until(60, "the import has begun", async || live_count(&pool).await > 0).await;
    child.kill().await.unwrap();
    assert!(live_count(&pool).await < 6000);

    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--database-url", &url]).await;
    wait_until(60, "the import continues", async || live_count(&pool).await > 3000).await;
    // On SIGTERM the command ends after the present batch.
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    let stood: (String, i32) =
        sqlx::query_as("SELECT state, done FROM groupdesk.imports").fetch_one(&pool).await.unwrap();
    assert_eq!(i64::from(stood.1), live_count(&pool).await);

    let mut next = Server::start(folder.path(), &["--database-url", &url]).await;
    wait_until(60, "the import is finished", async || {
        let state: String =
            sqlx::query_scalar("SELECT state FROM groupdesk.imports").fetch_one(&pool).await.unwrap();
        state == "finished"
    })
    .await;
    next.signal(Signal::SIGTERM);
    assert_eq!(next.end().await, Some(0));
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (6000, 6000));
}

/// The external ids of the workspaces in the only group, in their order.
async fn members(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "SELECT coalesce(string_agg(w.external_workspace_id, ' ' ORDER BY w.pk), '')
         FROM core_api.workspace_group_workspaces e JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         WHERE e.deleted_at IS NULL",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[database_test]
async fn list_is_removed_or_becomes_the_group(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let all = many(&pool, 12).await;
    let run_list = async |text: &str, flags: &[&str]| {
        let file = csv(text);
        let path = file.path().to_str().unwrap().to_owned();
        import(&pool, &[&["--group", &emea, &path][..], flags].concat()).await
    };
    import(&pool, &["--group", &emea, all.path().to_str().unwrap()]).await;

    let removed = run_list("id\nw-12\nw-11\nnope\n", &["--remove"]).await;
    assert_eq!(
        (removed.status, removed.out.as_str()),
        (1, "2 removed, 0 not in EMEA, 0 duplicate, 1 failed\n"),
        "{removed:?}"
    );
    let again = run_list("w-12\nw-11\n", &["--remove"]).await;
    assert_eq!(
        (again.status, again.out.as_str()),
        (0, "0 removed, 2 not in EMEA, 0 duplicate, 0 failed\n"),
        "{again:?}"
    );

    // Two of ten are more than 10 percent.
    let list = "w-1\nw-2\nw-3\nw-4\nw-5\nw-6\nw-7\nw-8\nw-12\n";
    let refused = run_list(list, &["--exact"]).await;
    assert_eq!((refused.status, refused.out.as_str()), (1, ""));
    let sentence = "would remove 2 workspaces from the group, and at most 1 may be removed.";
    assert!(refused.err.contains(sentence), "{}", refused.err);
    assert_eq!(members(&pool).await, "w-1 w-2 w-3 w-4 w-5 w-6 w-7 w-8 w-9 w-10");
    for flags in [["--exact", "--max-removals", "20%"], ["--exact", "--max-removals", "2"]] {
        let done = run_list(list, &flags).await;
        assert_eq!(done.status, 0, "{done:?}");
        assert_eq!(members(&pool).await, "w-1 w-2 w-3 w-4 w-5 w-6 w-7 w-8 w-12");
    }
    let done = run_list(list, &["--exact"]).await;
    assert_eq!(
        (done.status, done.out.as_str()),
        (0, "0 enrolled, 0 removed, 9 already in EMEA, 0 duplicate, 0 failed\n")
    );

    let all = ["--exact", "--max-removals", "100%"];
    let empty = run_list("id\n", &all).await;
    assert_eq!(empty.status, 1);
    assert!(empty.err.contains("The list contains no ids."), "{}", empty.err);
    let unknown = run_list("nope\n", &all).await;
    assert!(unknown.err.contains("so the group would become empty"), "{}", unknown.err);
    assert_eq!(live_count(&pool).await, 9);
    let limited = run_list("id\n", &["--exact", "--allow-empty"]).await;
    assert!(
        limited.err.contains("would remove 9 workspaces from the group, and at most 0"),
        "{}",
        limited.err
    );
    let emptied = run_list("id\n", &[&all[..], &["--allow-empty"]].concat()).await;
    assert_eq!((emptied.status, live_count(&pool).await), (0, 0), "{emptied:?}");
    let unfinished: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.imports WHERE state <> 'finished'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(unfinished, 0, "refused lists are discarded");
}

#[database_test]
async fn killed_exact_list_resumes(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let all = many(&pool, 6000).await;
    import(&pool, &["--group", &emea, all.path().to_str().unwrap()]).await;
    let one = csv("w-6000\n");
    let url = database_url(&pool);
    let path = one.path().to_str().unwrap().to_owned();
    let args =
        ["import", "--database-url", &url, "--group", &emea, &path, "--exact", "--max-removals", "100%"];
    let mut child = groupdesk(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until(60, "the removals have begun", async || live_count(&pool).await < 6000).await;
    child.kill().await.unwrap();
    assert!(live_count(&pool).await > 1, "killed in the middle");
    let id: String = sqlx::query_scalar("SELECT import_id::text FROM groupdesk.imports WHERE mode = 'exact'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let ended = import(&pool, &["--resume", &id]).await;
    assert_eq!(
        (ended.status, ended.out.as_str()),
        (0, "0 enrolled, 5999 removed, 1 already in EMEA, 0 duplicate, 0 failed\n")
    );
    assert_eq!(members(&pool).await, "w-6000");
}

#[database_test]
async fn modes_exclude_each_other(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let file = csv("acme\n");
    let path = file.path().to_str().unwrap();
    for flags in [&["--remove", "--exact"][..], &["--exact", "--max-removals", "1.5%"]] {
        let ended = import(&pool, &[&["--group", &emea, path][..], flags].concat()).await;
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{ended:?}");
    }
}
