//! `groupdesk operator add`

use std::process::Stdio;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::io::AsyncWriteExt;

use crate::support::{Desk, Ended, PASSWORD, admin_events, database_url, groupdesk, run};

const ADD: [&str; 6] = ["operator", "add", "--name", "Ana Lima", "--role", "admin"];

async fn with_password(url: &str, email: &str, password: &str) -> Ended {
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
    Ended {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[database_test(empty)]
async fn an_operator_with_a_password_signs_in_with_it(pool: PgPool) {
    let url = database_url(&pool);
    let added = with_password(&url, "ana@example.com", PASSWORD).await;
    assert_eq!(added.status, 0, "{added:?}");
    assert!(!added.out.contains("/invite/"), "{added:?}");
    assert!(!format!("{added:?}").contains(PASSWORD));

    let desk = Desk::start(pool.clone()).await;
    let browser = desk.browser();
    let page = browser.submit("sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
    assert!(page.text().contains("Ana Lima admin"), "{}", page.text());
    let told: Vec<String> = admin_events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(told, ["people_created", "operator_created", "signed_in"]);
}

#[database_test]
async fn without_a_password_a_link_is_printed_that_works_once(pool: PgPool) {
    let url = database_url(&pool);
    let mut args = ADD.to_vec();
    let public = "https://desk.example.com";
    args.extend(["--email", "ana@example.com", "--database-url", &url, "--public-url", public]);
    let added = run(&args).await;
    assert_eq!(added.status, 0, "{added:?}");
    let link = added.out.lines().next().unwrap();
    let path = link.strip_prefix(public).expect("a link below the public address");
    assert!(path.starts_with("/invite/"), "{link}");

    let desk = Desk::start(pool).await;
    let browser = desk.browser();
    let welcome = browser.open(path).await;
    let page = browser.press(&welcome, "invitation-accept", &[("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
    let again = desk.browser().open(path).await;
    assert!(again.text().contains("This link has been used"), "{}", again.text());
}

#[database_test]
async fn an_operator_that_is_there_already_is_a_failure_and_changes_nothing(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    let told = admin_events(&pool).await;
    for email in ["ana@example.com", "ANA@Example.com"] {
        let again = with_password(&url, email, "another long password").await;
        assert_eq!((again.status, again.out.as_str()), (1, ""), "{again:?}");
        assert_eq!(
            again.err.lines().last().unwrap(),
            format!("groupdesk: There is an operator with the e-mail address {email} already.")
        );
    }
    assert_eq!(admin_events(&pool).await, told);
    let desk = Desk::start(pool).await;
    let page =
        desk.browser().submit("sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.at, "/");
}

#[database_test]
async fn a_password_that_is_too_short_is_bad_usage(pool: PgPool) {
    let refused = with_password(&database_url(&pool), "ana@example.com", "short").await;
    assert_eq!(refused.status, 2, "{refused:?}");
    assert_eq!(refused.err, "groupdesk: The password needs at least 12 characters.\n");
}

/// Who runs the program lets back in whoever lost their password, the last admin too.
#[database_test]
async fn an_operator_is_disabled_enabled_and_gets_a_new_link(pool: PgPool) {
    let url = database_url(&pool);
    with_password(&url, "ana@example.com", PASSWORD).await;
    let desk = Desk::start(pool.clone()).await;
    let browser = desk.browser().signed_in("ana@example.com").await;
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

/// Under the same address there may be somebody else by then.
#[database_test]
async fn a_link_of_before_ends_where_the_operator_is_made_anew(pool: PgPool) {
    let url = database_url(&pool);
    let invited = run(&[&ADD[..], &["--email", "ana@example.com", "--database-url", &url]].concat()).await;
    let line = invited.out.lines().next().unwrap();
    let path = line.find("/invite/").map(|at| line[at..].to_owned()).expect("a link");
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&pool).await.unwrap();
    let added = with_password(&url, "ana@example.com", PASSWORD).await;
    assert_eq!(added.status, 0, "{added:?}");
    let desk = Desk::start(pool).await;
    let page = desk.browser().open(&path).await;
    assert!(page.text().contains("This link has been used"), "{}", page.text());
}
