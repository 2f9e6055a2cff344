//! Help, and errors in arguments.

use pretty_assertions::assert_eq;

use crate::support::run;

#[tokio::test]
async fn help_lists_all_options() {
    for (args, shows) in [
        (vec!["--help"], vec!["serve", "migrate", "seed", "operator", "token", "export", "GROUPDESK_"]),
        (
            vec!["serve", "--help"],
            vec!["--listen", "127.0.0.1:3000", "--data-dir", "--no-migrate", "--public-url", "--oidc-issuer"],
        ),
        (vec!["migrate", "--help"], vec!["--database-url", "--data-dir"]),
        (vec!["seed", "--help"], vec!["--groups", "--workspaces", "--people", "--enrollments", "--seed"]),
        (
            vec!["operator", "add", "--help"],
            vec!["--email", "--name", "--role", "--password-stdin", "support", "admin"],
        ),
        (vec!["import", "--help"], vec!["--group", "--resume", "--person", "FILE", "standard input", "CSV"]),
        (vec!["token", "create", "--help"], vec!["--name", "--scope", "--person", "--system", "--expires"]),
    ] {
        let help = run(&args).await;
        assert_eq!((help.status, help.err.as_str()), (0, ""), "{args:?}");
        for word in shows {
            assert!(help.out.contains(word), "{args:?} does not mention {word}: {}", help.out);
        }
    }
    let version = run(&["--version"]).await;
    assert_eq!(version.status, 0);
    assert!(version.out.starts_with("groupdesk "), "{version:?}");
}

#[tokio::test]
async fn bad_usage_exits_with_2_and_an_error_message() {
    for args in [
        vec![],
        vec!["nothing"],
        vec!["serve", "--listen", "here"],
        vec!["serve", "--nothing"],
        vec!["serve", "--public-url", "desk.example.com"],
        vec!["serve", "--public-url", "https://desk.example.com/path"],
        vec!["migrate", "--database-url", "mysql://x"],
        vec!["migrate", "--database-connections", "0"],
        vec!["migrate", "--log-format", "xml"],
        vec!["seed", "--groups", "1"],
        vec!["seed", "--groups", "0", "--workspaces", "1", "--people", "1", "--enrollments", "1"],
        vec!["seed", "--groups", "2", "--workspaces", "2", "--people", "1", "--enrollments", "5"],
        vec!["import"],
        vec!["import", "list.csv"],
        vec!["import", "--group", "here", "list.csv"],
        vec!["import", "--group", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"],
        vec!["import", "--resume", "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "list.csv"],
        vec!["import", "--group", "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "-", "--person", "ana"],
        vec!["operator", "add", "--email", "ana@example.com", "--name", "Ana", "--role", "king"],
        vec!["operator", "add", "--email", "ana", "--name", "Ana", "--role", "admin"],
        vec!["operator", "add", "--email", "ana@example.com", "--name", " ", "--role", "admin"],
        vec!["token", "create", "--name", "x", "--scope", "read"],
        vec!["token", "create", "--name", "x", "--scope", "everything", "--system"],
        vec!["token", "create", "--name", "x", "--scope", "read", "--system", "--person", "ana@example.com"],
        vec!["token", "create", "--name", "x", "--scope", "read", "--system", "--expires", "soon"],
        vec!["token", "create", "--name", "x", "--scope", "read", "--person", "ana"],
    ] {
        let ended = run(&args).await;
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{args:?}");
        assert!(!ended.err.is_empty(), "{args:?}");
        assert!(!ended.err.contains("panicked"), "{args:?}: {}", ended.err);
    }
}

#[tokio::test]
async fn unreachable_database_exits_with_1_without_secrets() {
    let url = "postgres://ana:hunter2@127.0.0.1:1/none";
    for args in [
        vec!["migrate", "--database-url", url],
        vec!["token", "create", "--name", "x", "--scope", "read", "--system", "--database-url", url],
    ] {
        let ended = run(&args).await;
        assert_eq!((ended.status, ended.out.as_str()), (1, ""), "{args:?}");
        assert!(ended.err.contains("groupdesk: "), "{}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
}
