//! `groupdesk operator add`

use std::process::Stdio;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use crate::support::{Exit, PASSWORD, TestApp, admin_events, database_url, groupdesk, run};

const ADD: [&str; 6] = ["operator", "add", "--name", "Ana Lima", "--role", "admin"];

async fn with_password(url: &str, email: &str, password: &str) -> Exit {
    let mut child = groupdesk(&ADD)
        .args(["--email", email, "--password-stdin", "--database-url", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{password}\n").as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    Exit {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[database_test(empty)]
async fn operator_with_a_password_signs_in(pool: PgPool) {
    let url = database_url(&pool);
    let added = with_password(&url, "ana@example.com", PASSWORD).await;
    assert_eq!(added.status, 0, "{added:?}");
    assert!(!added.out.contains("/invite/"), "{added:?}");
    assert!(!format!("{added:?}").contains(PASSWORD));

    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser();
    let page = browser.submit("sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
    assert!(page.text().contains("Ana Lima admin"), "{}", page.text());
    let actions: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(actions, ["people_created", "operator_created", "signed_in"]);
}

#[database_test]
async fn without_a_password_a_one_time_link_is_printed(pool: PgPool) {
    let url = database_url(&pool);
    let mut args = ADD.to_vec();
    let public = "https://desk.example.com";
    args.extend(["--email", "ana@example.com", "--database-url", &url, "--public-url", public]);
    let added = run(&args).await;
    assert_eq!(added.status, 0, "{added:?}");
    let link = added.out.lines().next().unwrap();
    let path = link.strip_prefix(public).expect("a link below the public address");
    assert!(path.starts_with("/invite/"), "{link}");

    let app = TestApp::start(pool).await;
    let browser = app.browser();
    let welcome = browser.open(path).await;
    let page = browser.press(&welcome, "invitation-accept", &[("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
    let again = app.browser().open(path).await;
    assert!(again.text().contains("This link has been used"), "{}", again.text());
}

#[database_test]
async fn existing_operator_is_an_error_and_unchanged(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    let before = admin_events(&pool).await;
    for email in ["ana@example.com", "ANA@Example.com"] {
        let again = with_password(&url, email, "another long password").await;
        assert_eq!((again.status, again.out.as_str()), (1, ""), "{again:?}");
        assert_eq!(
            again.err.lines().last().unwrap(),
            format!("groupdesk: The e-mail address {email} is used by another operator.")
        );
    }
    assert_eq!(admin_events(&pool).await, before);
    let app = TestApp::start(pool).await;
    let page = app.browser().submit("sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
}

#[database_test]
async fn short_password_is_bad_usage(pool: PgPool) {
    let refused = with_password(&database_url(&pool), "ana@example.com", "short").await;
    assert_eq!(refused.status, 2, "{refused:?}");
    assert_eq!(refused.err, "groupdesk: The password needs at least 12 characters.\n");
}

/// The command restores access for operators who lost their password, also for the last admin.
#[database_test]
async fn operator_is_disabled_enabled_and_gets_a_new_link(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    let app = TestApp::start(pool.clone()).await;
    let browser = app.browser().signed_in("ana@example.com").await;
    let at = ["--email", "ANA@example.com", "--database-url", &url];
    let command = async |name| run(&[&["operator", name], &at[..]].concat()).await;

    let last = command("disable").await;
    assert_eq!((last.status, last.out.as_str()), (1, ""));
    assert!(last.err.contains("This is the last admin who can sign in."), "{last:?}");
    let link = command("link").await;
    let path = link.out.lines().next().unwrap().strip_prefix("http://127.0.0.1:3000").unwrap();
    assert_eq!(browser.open("/groups").await.at, "/login?next=/groups");
    let welcome = browser.open(path).await;
    browser.press(&welcome, "invitation-accept", &[("password", "another horse battery staple")]).await;
    assert_eq!(browser.open("/groups").await.at, "/groups");

    crate::support::operator(&pool, "bea@example.com", "Bea Roth", "admin").await;
    assert_eq!(command("disable").await.out, "ANA@example.com cannot sign in any more\n");
    assert_eq!(browser.open("/groups").await.at, "/login?next=/groups");
    let list = run(&["operator", "list", "--database-url", &url]).await.out;
    assert!(list.contains("ana@example.com\tadmin\tdisabled\t"), "{list}");
    assert!(list.contains("bea@example.com\tadmin\tactive\tnever"), "{list}");
    assert_eq!(command("enable").await.status, 0);
    let nobody = run(&["operator", "enable", "--email", "x@example.com", "--database-url", &url]).await;
    assert!(nobody.err.contains("No operator has the e-mail address x@example.com."), "{nobody:?}");
}

/// Another person may have this address by then.
#[database_test]
async fn old_link_ends_when_the_operator_is_recreated(pool: PgPool) {
    let url = database_url(&pool);
    let invited = run(&[&ADD[..], &["--email", "ana@example.com", "--database-url", &url]].concat()).await;
    let line = invited.out.lines().next().unwrap();
    let path = line.find("/invite/").map(|at| line[at..].to_owned()).expect("a link");
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&pool).await.unwrap();
    let added = with_password(&url, "ana@example.com", PASSWORD).await;
    assert_eq!(added.status, 0, "{added:?}");
    let app = TestApp::start(pool).await;
    let page = app.browser().open(&path).await;
    assert!(page.text().contains("This link has been used"), "{}", page.text());
}

/// Links of another issuer are never used.
#[database_test]
async fn linking_warns_about_another_issuer(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("groupdesk.toml");
    std::fs::write(&file, "oidc_issuer = \"https://id.example.com/\"\n").unwrap();
    let file = file.display().to_string();
    let args = ["operator", "link-identity", "--subject", "4711", "--email", "ana@example.com"];
    let args = [&args[..], &["--database-url", &url, "--config", &file]].concat();
    let linked = run(&[&args[..], &["--oidc-issuer", "https://id.example.com"]].concat()).await;
    assert_eq!(linked.status, 0, "{linked:?}");
    assert!(linked.err.contains("a slash at the end counts"), "{linked:?}");
    let unlink = ["operator", "unlink-identity", "--email", "ana@example.com", "--database-url", &url];
    assert_eq!(run(&unlink).await.status, 0);
    let linked = run(&args).await;
    let expected = "ana@example.com signs in as 4711 of https://id.example.com/\n";
    assert_eq!((linked.status, linked.out.as_str(), linked.err.as_str()), (0, expected, ""), "{linked:?}");
}

/// This is for providers that do not send `email_verified`.
#[database_test]
async fn operator_is_linked_to_the_provider_and_unlinked(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    with_password(&url, "kim@example.com", PASSWORD).await;
    let link = async |email: &str, more: &[&str]| {
        let args =
            ["operator", "link-identity", "--subject", "4711", "--email", email, "--database-url", &url];
        run(&[&args[..], more].concat()).await
    };
    let issuer = ["--oidc-issuer", "https://id.example.com"];
    let missing = link("ana@example.com", &[]).await;
    assert_eq!(missing.status, 2, "{missing:?}");
    assert!(missing.err.contains("--oidc-issuer"), "{missing:?}");
    for _ in 0..2 {
        let linked = link("ANA@example.com", &issuer).await;
        let expected = "ANA@example.com signs in as 4711 of https://id.example.com\n";
        assert_eq!((linked.status, linked.out.as_str()), (0, expected), "{linked:?}");
    }
    let taken = link("kim@example.com", &issuer).await;
    assert_eq!(taken.status, 1, "{taken:?}");
    assert!(taken.err.contains("Another operator is linked to this account."), "{taken:?}");
    assert_eq!(link("nobody@example.com", &issuer).await.status, 1);
    for none in ["id.example.com", "http://id.example.com", "foo"] {
        let refused = link("kim@example.com", &["--oidc-issuer", none]).await;
        assert_eq!((refused.status, refused.out.as_str()), (2, ""), "{none}: {refused:?}");
        assert!(refused.err.contains("--oidc-issuer"), "{none}: {refused:?}");
    }
    let linked: Vec<(String, String)> =
        sqlx::query_as("SELECT issuer, subject FROM groupdesk.operator_identities")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(linked, [("https://id.example.com".to_owned(), "4711".to_owned())]);

    let unlink = ["operator", "unlink-identity", "--email", "ana@example.com", "--database-url", &url];
    assert_eq!(run(&unlink).await.status, 0);
    assert_eq!(link("kim@example.com", &issuer).await.status, 0);
    let actions: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    let actions: Vec<&str> =
        actions.iter().map(String::as_str).filter(|action| action.contains("linked")).collect();
    assert_eq!(actions, ["operator_linked", "operator_unlinked", "operator_linked"]);
}
