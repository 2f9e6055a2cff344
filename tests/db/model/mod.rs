//! The flows against a model of them that is simple enough to be believed: whatever is done in whatever order,
//! the tables hold what the model holds; and whatever several do at once, no more and no less than each was
//! told.
//!
//! The cases are the same in each run, and so many that they take some seconds; `PROPTEST_CASES` asks for more.
//! None is written down to be run again: one that found something becomes a test with a name.

mod book;
mod compare;
mod perform;
mod steps;

use std::pin::Pin;

use futures::future::join_all;
use groupdesk::platform::db::pool as pool_of;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sqlx::PgPool;

use self::book::Book;
use self::perform::{Case, Done, perform_whole};
use self::steps::{Whole, wholes};

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the cases of this strategy, and on failure looks for the smallest one that fails.
async fn hold<S>(strategy: S, cases: u32, run: impl Fn(S::Value) -> Running + Send + 'static)
where
    S: Strategy + Send + 'static,
{
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x6772_6f75_7064_6573),
        max_shrink_iters: 300,
        ..Config::default()
    };
    let runtime = tokio::runtime::Handle::current();
    let ran = tokio::task::spawn_blocking(move || {
        let ran = TestRunner::new(config).run(&strategy, |value| {
            runtime.block_on(run(value));
            Ok(())
        });
        ran.map_err(|failure| failure.to_string())
    });
    if let Err(failure) = ran.await.unwrap() {
        panic!("{failure}");
    }
}

#[database_test]
async fn whatever_is_done_one_after_the_other_the_tables_hold_what_the_model_holds(pool: PgPool) {
    hold(wholes(1..16), 60, move |wholes| {
        let pool = pool.clone();
        Box::pin(async move { one_after_the_other(&pool, &wholes).await })
    })
    .await;
}

async fn one_after_the_other(pool: &PgPool, wholes: &[Whole]) {
    let case = Case::new(pool).await;
    let mut book = Book::default();
    for whole in wholes {
        let expected = book.tried(whole);
        let found = perform_whole(pool, &case, whole).await;
        match (expected, found) {
            (Ok(after), Ok(done)) => {
                book = after;
                book.learn(&done);
            }
            (Err(expected), Err(refused)) => assert_eq!(refused.kinds(), expected, "{whole:?}"),
            (expected, found) => panic!("{whole:?}: expected {expected:?}, found {found:?}"),
        }
    }
    compare::with_book(pool, &case, &book).await;
}

#[database_test]
async fn whatever_several_do_at_once_is_there_as_each_was_told(pool: PgPool) {
    hold(proptest::collection::vec(wholes(1..6), 3..5), 25, move |several| {
        let pool = pool.clone();
        Box::pin(async move { at_once(&pool, several).await })
    })
    .await;
}

async fn at_once(pool: &PgPool, several: Vec<Vec<Whole>>) {
    let case = Case::new(pool).await;
    // Who stand in each other's way, which the operations of one transaction may, are told so soon.
    let options = pool.connect_options().as_ref().clone().options([("deadlock_timeout", "10ms")]);
    let desk = pool_of(options, 5);
    let (by, of) = (&desk, &case);
    let each = several.iter().map(|wholes| async move {
        let mut told = Vec::new();
        for whole in wholes {
            told.extend(perform_whole(by, of, whole).await.ok());
        }
        told
    });
    let told: Vec<Done> = join_all(each).await.into_iter().flatten().collect();
    desk.close().await;
    compare::with_what_was_told(pool, &case, &told).await;
}
