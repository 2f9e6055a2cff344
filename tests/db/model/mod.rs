//! Compares the operations with a reference model that is simple enough to be trusted: after any sequence
//! of actions the tables match the model, and after concurrent actions they match what was reported to each
//! caller.
//!
//! The cases are the same in each run, and take some seconds; `PROPTEST_CASES` sets another number. Failing
//! cases are not stored, because each becomes a test with a name.

mod compare;
mod perform;
mod reference_model;
mod steps;

use std::pin::Pin;

use futures::future::join_all;
use groupdesk::platform::db::pool as pool_of;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sqlx::PgPool;

use self::perform::{Case, Performed, perform_action};
use self::reference_model::Model;
use self::steps::{Action, actions};

type CaseFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the cases of this strategy, and looks for the smallest one that fails.
async fn run_cases<S>(strategy: S, cases: u32, run: impl Fn(S::Value) -> CaseFuture + Send + 'static)
where
    S: Strategy + Send + 'static,
{
    let configured = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: configured.unwrap_or(cases),
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
async fn sequential_actions_match_the_model(pool: PgPool) {
    run_cases(actions(1..16), 60, move |actions| {
        let pool = pool.clone();
        Box::pin(async move { run_sequentially(&pool, &actions).await })
    })
    .await;
}

async fn run_sequentially(pool: &PgPool, actions: &[Action]) {
    let case = Case::new(pool).await;
    let mut model = Model::default();
    for action in actions {
        let expected = model.after(action);
        let found = perform_action(pool, &case, action).await;
        match (expected, found) {
            (Ok(after), Ok(done)) => {
                model = after;
                model.record_ids(&done);
            }
            (Err(expected), Err(refused)) => assert_eq!(refused.kinds(), expected, "{action:?}"),
            (expected, found) => panic!("{action:?}: expected {expected:?}, found {found:?}"),
        }
    }
    compare::assert_matches_model(pool, &case, &model).await;
}

#[database_test]
async fn concurrent_actions_match_their_reports(pool: PgPool) {
    run_cases(proptest::collection::vec(actions(1..6), 3..5), 25, move |clients| {
        let pool = pool.clone();
        Box::pin(async move { run_concurrently(&pool, clients).await })
    })
    .await;
}

async fn run_concurrently(pool: &PgPool, clients: Vec<Vec<Action>>) {
    let case = Case::new(pool).await;
    // A short timeout, because operations in one transaction can deadlock with each other.
    let options = pool.connect_options().as_ref().clone().options([("deadlock_timeout", "10ms")]);
    let app = pool_of(options, 5);
    let (by, of) = (&app, &case);
    let each = clients.iter().map(|actions| async move {
        let mut reported = Vec::new();
        for action in actions {
            reported.extend(perform_action(by, of, action).await.ok());
        }
        reported
    });
    let reported: Vec<Performed> = join_all(each).await.into_iter().flatten().collect();
    app.close().await;
    compare::assert_matches_reports(pool, &case, &reported).await;
}
