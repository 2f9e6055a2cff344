//! Performs the change of a form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::problem::Problem;
use crate::platform::call::{Call, WriteAndAttribute};
use crate::platform::db::Connection;
use crate::platform::db::retry::backoff;
use crate::platform::failure::{Failure, Outcome};
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::Notice;
use crate::ui::server::session::repeated_forms::StillPerformed;
use crate::ui::server::session::{RequestContext, request_context};
use crate::ui::{messages, paths};

/// The result of a change: the message, and the page that shows it.
#[derive(Serialize, Deserialize)]
pub struct Changed {
    pub notice: Notice,
    pub go_to: String,
}

/// Changes something in one transaction, for an operator who may write, and leads on to a page with a message.
///
/// A refused form leads back to its own page with what was typed. `work` runs a second time if Postgres aborted the
/// first transaction because of another one, and only once if a form with a key is sent twice (`repeated_forms.rs`).
pub async fn change(
    work: impl AsyncFnOnce(&mut Connection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let context = request_context()?;
    change_at(context.submitted.form_at(), work).await
}

/// [`change`] for a form that does not contain the address of its page.
pub async fn change_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut Connection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::write, async |connection, _, call| work(connection, call).await)
        .await
}

pub(super) async fn change_granted<P>(
    form_at: &str,
    grant: impl FnOnce(&RequestContext) -> Result<Call<P>, Problem>,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<P>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let context = request_context()?;
    let outcome = async {
        let call = grant(&context)?;
        match attempt(&context, &call, work.clone()).await {
            Err(failure) if failure.is_retryable() => {
                backoff().await;
                attempt(&context, &call, work).await
            }
            outcome => outcome,
        }
    }
    .await;
    match outcome {
        Ok(Ok(changed)) => finish(&context, Ok(changed), form_at).await,
        Ok(Err(StillPerformed)) => {
            let error = UiError::new(UiErrorKind::Busy, messages::STILL_PERFORMED);
            go_back(&context, error, form_at).await
        }
        Err(failure) => finish(&context, Err(failure), form_at).await,
    }
}

async fn attempt<P>(
    context: &RequestContext,
    call: &Call<P>,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<P>) -> Outcome<Changed>,
) -> Outcome<Result<Changed, StillPerformed>> {
    // The first attempt was rolled back.
    call.tally.discard();
    let mut transaction = context.state.pool.begin().await?;
    // The session may have ended while the form was being received.
    if !context.is_signed_in_by(&mut transaction).await? {
        return Err(Problem::SignedOut.into());
    }
    match context.earlier_answer(&mut transaction).await? {
        Ok(None) => {}
        Ok(Some(earlier)) => return Ok(Ok(earlier)),
        Err(still_performed) => return Ok(Err(still_performed)),
    }
    let changed = work(&mut transaction, context, call).await?;
    context.store_answer(&mut transaction, &changed).await?;
    transaction.commit().await?;
    call.tally.flush();
    context.state.live.changed();
    Ok(Ok(changed))
}

/// Leads on to the page with the message, or back to the page of a refused form.
pub async fn finish(
    context: &RequestContext,
    outcome: Outcome<Changed>,
    form_at: &str,
) -> Result<(), UiError> {
    let form_at = paths::local_or_home(form_at);
    let fault = |failure| context.error(failure);
    match outcome {
        Ok(changed) => {
            context.set_flash(Ok(changed.notice), BTreeMap::new()).await.map_err(fault)?;
            leptos_axum::redirect(paths::local_or_home(&changed.go_to));
        }
        Err(Failure::Problem(Problem::SignedOut)) => {
            context.store_typed(form_at, Some(context.submitted.typed())).await.map_err(fault)?;
            leptos_axum::redirect(&paths::login_for(form_at));
        }
        Err(failure) => refuse(context, failure, form_at).await?,
    }
    Ok(())
}

/// Leads back to the page of the form, which shows the error and what was typed.
pub async fn refuse(context: &RequestContext, failure: Failure, form_at: &str) -> Result<(), UiError> {
    let error = context.error_with_names(failure).await;
    go_back(context, error, form_at).await
}

async fn go_back(context: &RequestContext, error: UiError, form_at: &str) -> Result<(), UiError> {
    let stored = context.set_flash(Err(error), context.submitted.typed()).await;
    stored.map_err(|failure| context.error(failure))?;
    leptos_axum::redirect(paths::local_or_home(form_at));
    Ok(())
}
