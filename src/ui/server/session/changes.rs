//! The one way in which a form changes anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::kernel::problem::Problem;
use crate::platform::call::{Call, WriteAndAttribute};
use crate::platform::db::retry::backoff;
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

/// Changes something in one transaction, for an operator who may write, and leads on to a page with a message.
///
/// A refused form leads back to its own page with what was typed. `work` runs a second time if Postgres aborted the
/// first transaction because of another one, and only once if a form with a key is sent twice (`sent_twice.rs`).
pub async fn change(
    work: impl AsyncFnOnce(&mut PgConnection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let visit = visit()?;
    change_at(visit.submitted.form_at(), work).await
}

/// [`change`] for a form that does not say which page it is on.
pub async fn change_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut PgConnection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::write, async |connection, _, call| work(connection, call).await)
        .await
}

pub(super) async fn change_granted<P>(
    form_at: &str,
    grant: impl FnOnce(&RequestContext) -> Result<Call<P>, Problem>,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<P>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let visit = visit()?;
    let outcome = async {
        let call = grant(&visit)?;
        match attempt(&visit, &call, work.clone()).await {
            Err(failure) if failure.is_retryable() => {
                backoff().await;
                attempt(&visit, &call, work).await
            }
            outcome => outcome,
        }
    }
    .await;
    match outcome {
        Ok(Ok(changed)) => finish(&visit, Ok(changed), form_at).await,
        Ok(Err(StillPerformed)) => {
            let error = UiError::new(UiErrorKind::Busy, messages::STILL_PERFORMED.to_owned());
            go_back(&visit, error, form_at).await
        }
        Err(failure) => finish(&visit, Err(failure), form_at).await,
    }
}

async fn attempt<P>(
    visit: &RequestContext,
    call: &Call<P>,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<P>) -> Outcome<Changed>,
) -> Outcome<Result<Changed, StillPerformed>> {
    // An attempt before this one may have come to nothing.
    call.tally.discard();
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
    call.tally.flush();
    visit.state.live.changed();
    Ok(Ok(changed))
}

/// Leads on to a page with a message, or back to the page of the form, with what was typed, if it was refused.
pub async fn finish(visit: &RequestContext, outcome: Outcome<Changed>, form_at: &str) -> Result<(), UiError> {
    let form_at = paths::local_or_home(form_at);
    match outcome {
        Ok(changed) => {
            visit.tell(Ok(changed.notice), BTreeMap::new()).await.map_err(|failure| visit.error(failure))?;
            leptos_axum::redirect(paths::local_or_home(&changed.go_to));
        }
        Err(Failure::Problem(Problem::SignedOut)) => {
            let typed = visit.submitted.typed();
            visit.keep_typed(form_at, Some(typed)).await.map_err(|failure| visit.error(failure))?;
            leptos_axum::redirect(&paths::login_for(form_at));
        }
        Err(failure) => refuse(visit, failure, form_at).await?,
    }
    Ok(())
}

/// Leads back to the page of the form, which says why it was refused and shows what was typed.
pub async fn refuse(visit: &RequestContext, failure: Failure, form_at: &str) -> Result<(), UiError> {
    let error = visit.trouble_naming(failure).await;
    go_back(visit, error, form_at).await
}

async fn go_back(visit: &RequestContext, error: UiError, form_at: &str) -> Result<(), UiError> {
    visit.tell(Err(error), visit.submitted.typed()).await.map_err(|failure| visit.error(failure))?;
    leptos_axum::redirect(paths::local_or_home(form_at));
    Ok(())
}
