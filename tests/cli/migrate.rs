//! `groupdesk migrate`

use groupdesk::platform::db::migrate::MIGRATIONS;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{database_url, run};

#[database_test(empty)]
async fn it_says_which_and_then_that_there_is_nothing(pool: PgPool) {
    let url = database_url(&pool);
    let first = run(&["migrate", "--database-url", &url]).await;
    assert_eq!(first.status, 0, "{first:?}");
    let expected: Vec<String> = MIGRATIONS
        .iter()
        .map(|migration| format!("applied {} {}", migration.version, migration.description))
        .collect();
    assert_eq!(first.out.lines().collect::<Vec<_>>(), expected);

    let second = run(&["migrate", "--database-url", &url]).await;
    assert_eq!((second.status, second.out.as_str()), (0, "nothing to apply\n"));
}
