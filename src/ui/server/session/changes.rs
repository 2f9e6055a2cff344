//! The one way in which a form changes anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::kernel::problem::Problem;
use crate::platform::call::{Call, WriteAndAttribute};
use crate::platform::db::retry::rest;
use crate::platform::failure::{Failure, Outcome};
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::Notice;
use crate::ui::server::session::sent_twice::StillPerformed;
use crate::ui::server::session::{RequestContext, visit};
use crate::ui::{messages, paths};

/// What a change came to: what to say, and where to go now.
#[derive(Serialize, Deserialize)]
pub struct Changed {
    pub notice: Notice,
    pub go_to: String,
}

/// Changes something, in one transaction, for somebody who may: then goes on to a page, which says
/// what came of it. `work` is done once more if another change was in its way, and only once if a form with a key
/// is sent twice: see `sent_twice.rs`. When refused, it goes back to where the form was, with what was typed.
pub async fn change(
    form_at: &str,
    typed: BTreeMap<String, String>,
    work: impl AsyncFnOnce(&mut PgConnection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, typed, RequestContext::write, async |connection, _, call| {
        work(connection, call).await
    })
    .await
}

pub(super) async fn change_granted<P>(
    form_at: &str,
    typed: BTreeMap<String, String>,
    grant: impl FnOnce(&RequestContext) -> Result<Call<P>, Problem>,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<P>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let visit = visit()?;
    let outcome = async {
        let call = grant(&visit)?;
        match attempt(&visit, &call, work.clone()).await {
            Err(failure) if failure.is_rolled_back() => {
                rest().await;
                attempt(&visit, &call, work).await
            }
            outcome => outcome,
        }
    }
    .await;
    match outcome {
        Ok(Ok(changed)) => finish(&visit, Ok(changed), form_at, typed).await,
        Ok(Err(StillPerformed)) => {
            let error = UiError::new(UiErrorKind::Busy, messages::STILL_PERFORMED.to_owned());
            go_back(&visit, error, form_at, typed).await
        }
        Err(failure) => finish(&visit, Err(failure), form_at, typed).await,
    }
}

async fn attempt<P>(
    visit: &RequestContext,
    call: &Call<P>,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<P>) -> Outcome<Changed>,
) -> Outcome<Result<Changed, StillPerformed>> {
    // An attempt before this one may have come to nothing.
    call.tally.forget();
    let mut transaction = visit.state.pool.begin().await?;
    // The door looked when the request began to come in, and its form may have taken long.
    if !visit.is_signed_in_by(&mut transaction).await? {
        return Err(Problem::SignedOut.into());
    }
    match visit.answered_before(&mut transaction).await? {
        Ok(None) => {}
        Ok(Some(before)) => return Ok(Ok(before)),
        Err(still_performed) => return Ok(Err(still_performed)),
    }
    let changed = work(&mut transaction, visit, call).await?;
    visit.keep_answer(&mut transaction, &changed).await?;
    transaction.commit().await?;
    call.tally.tell();
    visit.state.live.changed();
    Ok(Ok(changed))
}

/// Goes on to a page, which says what came of a change, or back to where its form was.
pub async fn finish(
    visit: &RequestContext,
    outcome: Outcome<Changed>,
    form_at: &str,
    typed: BTreeMap<String, String>,
) -> Result<(), UiError> {
    let form_at = paths::local_or_home(form_at);
    match outcome {
        Ok(changed) => {
            visit.tell(Ok(changed.notice), BTreeMap::new()).await.map_err(|failure| visit.error(failure))?;
            leptos_axum::redirect(paths::local_or_home(&changed.go_to));
        }
        Err(Failure::Problem(Problem::SignedOut)) => {
            visit.keep_typed(form_at, Some(typed)).await.map_err(|failure| visit.error(failure))?;
            leptos_axum::redirect(&paths::login_for(form_at));
        }
        Err(failure) => refuse(visit, failure, form_at, typed).await?,
    }
    Ok(())
}

/// Says why not, on the page where the form is.
pub async fn refuse(
    visit: &RequestContext,
    failure: Failure,
    form_at: &str,
    typed: BTreeMap<String, String>,
) -> Result<(), UiError> {
    let error = visit.trouble_naming(failure).await;
    go_back(visit, error, form_at, typed).await
}

async fn go_back(
    visit: &RequestContext,
    error: UiError,
    form_at: &str,
    typed: BTreeMap<String, String>,
) -> Result<(), UiError> {
    visit.tell(Err(error), typed).await.map_err(|failure| visit.error(failure))?;
    leptos_axum::redirect(paths::local_or_home(form_at));
    Ok(())
}
