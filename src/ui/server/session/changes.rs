//! Permissions, which operations receive as a [`Call`] with the privilege as its type, and the changes of forms.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::actor::{Actor, PersonRef, Source};
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Administer, Call, SelfService, WriteAndAttribute};
use crate::platform::db::Connection;
use crate::platform::db::backoff;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::operators::ops::Visitor;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::Notice;
use crate::ui::server::session::repeated_forms::{Earlier, life_of};
use crate::ui::server::session::{RequestContext, read, request_context};
use crate::ui::{messages, paths};

impl RequestContext {
    fn call<P>(&self, person: Option<PersonRef>) -> Call<P> {
        let actor = Actor { person, source: Source::Web, token_name: None };
        Call::granted(actor, self.viewer.now, Some(self.request_id.clone()))
    }

    /// For operations before a sign-in. Their actor is unknown, even if someone is signed in.
    pub fn anonymous(&self) -> Visitor {
        self.call(None)
    }

    pub fn write(&self) -> Result<Call<WriteAndAttribute>, Problem> {
        let operator = self.operator()?;
        if !operator.role.may_write() {
            return Err(Problem::Forbidden(Privilege::Write));
        }
        Ok(self.call(Some(operator.person.clone())))
    }

    /// The permission to see and manage operators and tokens.
    pub fn administer(&self) -> Result<Call<Administer>, Problem> {
        let operator = self.operator()?;
        if !operator.role.may_administer() {
            return Err(Problem::Forbidden(Privilege::Administer));
        }
        Ok(self.call(Some(operator.person.clone())))
    }

    /// The permission to manage the viewer's own account.
    pub fn own(&self) -> Result<Call<SelfService>, Problem> {
        Ok(self.call(Some(self.operator()?.person.clone())))
    }
}

/// [`read`] for admins.
pub async fn read_as_admin<T>(
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<Administer>) -> Outcome<T>,
) -> Result<T, UiError> {
    read(async |connection, context| work(connection, context, &context.administer()?).await).await
}

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
    change_as(RequestContext::write, form_at, async |connection, _, call| work(connection, call).await).await
}

/// [`change_at`] for those who get a permission by `grant`.
pub async fn change_as<P>(
    grant: impl FnOnce(&RequestContext) -> Result<Call<P>, Problem>,
    form_at: &str,
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
    if let Some(outcome) = outcome.transpose() {
        return finish(&context, outcome, form_at).await;
    }
    go_back(&context, UiError::new(UiErrorKind::Busy, messages::STILL_PERFORMED), form_at).await
}

/// `None`: the same form is still being performed.
async fn attempt<P>(
    context: &RequestContext,
    call: &Call<P>,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<P>) -> Outcome<Changed>,
) -> Outcome<Option<Changed>> {
    // The first attempt was rolled back.
    call.pending_metrics.discard();
    let mut transaction = context.state.pool.begin().await?;
    // The session may have ended while the form was being received.
    if !context.is_signed_in_by(&mut transaction).await? {
        return Err(Problem::SignedOut.into());
    }
    let operator = context.operator()?.id;
    match context.earlier_answer(&mut transaction, operator).await? {
        Earlier::Nothing => {}
        Earlier::Answer(earlier) => return Ok(Some(earlier)),
        Earlier::StillPerformed => return Ok(None),
    }
    let changed = work(&mut transaction, context, call).await?;
    context.answer_store(&mut transaction, operator, &changed, life_of(&changed.notice)).await?;
    transaction.commit().await?;
    call.pending_metrics.flush();
    context.state.notifier.record_change();
    Ok(Some(changed))
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
