//! Permissions, which operations receive as a [`Call`] with the privilege as its type, and the changes of forms.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use sqlx::{Acquire as _, Postgres, Transaction};

use crate::kernel::actor::{Actor, PersonRef, Role, Source};
use crate::kernel::id::OperatorId;
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Administer, Call, SelfService, WriteAndAttribute};
use crate::platform::db::Connection;
use crate::platform::db::backoff;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::idempotency_keys::ops::key_await;
use crate::resources::operators::model::{Operator, SignedIn};
use crate::resources::operators::ops::{
    Visitor, operator_current, operator_of_address, operator_of_used_link,
};
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::flash::{Flash, Notice};
use crate::ui::server::session::submitted_form::{SHORT_LIFE, life_of};
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

    fn grant<P>(&self, privilege: Privilege, may: fn(Role) -> bool) -> Result<Call<P>, Problem> {
        let operator = self.operator()?;
        if !may(operator.role) {
            return Err(Problem::Forbidden(privilege));
        }
        Ok(self.call(Some(operator.person.clone())).with_note(self.form.note()?))
    }

    pub fn write(&self) -> Result<Call<WriteAndAttribute>, Problem> {
        self.grant(Privilege::Write, Role::may_write)
    }

    pub fn administer(&self) -> Result<Call<Administer>, Problem> {
        self.grant(Privilege::Administer, Role::may_administer)
    }

    pub fn own(&self) -> Result<Call<SelfService>, Problem> {
        Ok(self.call(Some(self.operator()?.person.clone())))
    }
}

pub async fn read_as_admin<T>(
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<Administer>) -> Outcome<T> + Clone,
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
/// first transaction because of another one, and only once if a form with a key is sent twice (`submitted_form.rs`).
pub async fn change(
    work: impl AsyncFnOnce(&mut Connection, &Call<WriteAndAttribute>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    let context = request_context()?;
    change_at(context.form.form_at(), work).await
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
        let changed = outcome.map(|Changed { notice, go_to }| (Some(notice), go_to));
        return finish(&context, changed, form_at).await;
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
    let mut connection = context.state.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // The session may have ended while the form was being received.
    if !context.is_signed_in_by(&mut transaction).await? {
        return Err(Problem::SignedOut.into());
    }
    let operator = context.operator()?.id;
    if let ControlFlow::Break(earlier) = context.earlier_answer(&mut transaction, operator).await? {
        return Ok(earlier);
    }
    let changed = work(&mut transaction, context, call).await?;
    context.answer_store(&mut transaction, operator, &changed, life_of(&changed.notice)).await?;
    transaction.commit().await?;
    call.pending_metrics.flush();
    context.state.notifier.record_change();
    if let Err(failure) = context.store_note(&call.note).await {
        tracing::warn!(?failure, "the reason is not suggested to the next form");
    }
    if let Err(failure) = context.store_position(&mut connection).await {
        tracing::warn!(?failure, "the next page may not show a change yet");
    }
    Ok(Some(changed))
}

/// Leads on to a page with the message, if there is one, or back to the page of a refused form.
async fn finish(
    context: &RequestContext,
    outcome: Outcome<(Option<Notice>, String)>,
    form_at: &str,
) -> Result<(), UiError> {
    let form_at = paths::local_or_home(form_at);
    let fault = |failure| context.error(failure);
    match outcome {
        Ok((notice, go_to)) => {
            if let Some(notice) = notice {
                context.set_flash(Ok(notice), BTreeMap::new()).await.map_err(fault)?;
            }
            leptos_axum::redirect(paths::local_or_home(&go_to));
        }
        Err(Failure::Problem(Problem::SignedOut)) => {
            context.store_typed(form_at, Some(context.form.typed.clone())).await.map_err(fault)?;
            leptos_axum::redirect(&paths::login_for(form_at));
        }
        Err(failure @ Failure::Problem(Problem::ReasonRequired { group, .. })) => {
            match context.store_pending(form_at, group).await.map_err(fault)? {
                Some(page) => leptos_axum::redirect(&page),
                None => refuse(context, failure, form_at).await?,
            }
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
    let stored = context.set_flash(Err(error), context.form.typed.clone()).await;
    stored.map_err(|failure| context.error(failure))?;
    leptos_axum::redirect(paths::local_or_home(form_at));
    Ok(())
}

/// The result of a form that begins or ends a session.
///
/// If such a form is sent twice, the browser drops the first answer, and with it the cookie of a new session. The second
/// form has the old cookie. It is recognized by its key and its whole content, including secrets and passwords, and gets
/// the same answer. The session that it begins is a second one.
#[derive(Serialize, Deserialize)]
pub struct SessionChange {
    /// The generation of the session that it began; `None` if it ended all sessions.
    generation: Option<i32>,
    notice: Option<Notice>,
    go_to: String,
}

/// Identifies the operator after the session has ended.
pub enum Sender<'a> {
    /// The e-mail address of an account that has signed in with this browser.
    Account(&'a str),
    Link(&'a str),
}

impl RequestContext {
    /// Commits a change of an operator, and begins the session of `signed_in` or ends the session.
    pub async fn commit_session_change(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        operator: OperatorId,
        signed_in: Option<&SignedIn>,
        notice: Option<Notice>,
        go_to: &str,
    ) -> Outcome<SessionChange> {
        let generation = signed_in.map(|signed_in| signed_in.generation);
        let change = SessionChange { generation, notice, go_to: go_to.to_owned() };
        self.answer_store(&mut transaction, operator, &change, SHORT_LIFE).await?;
        transaction.commit().await?;
        match signed_in {
            Some(signed_in) => self.sign_in(signed_in, go_to).await?,
            None => self.end_session().await?,
        }
        Ok(change)
    }

    /// Waits for the same form if another request is performing it. Fails with `SignedOut` if that ended the session.
    pub async fn ensure_signed_in(&self, connection: &mut Connection, operator: OperatorId) -> Outcome<()> {
        if let Some((_, key)) = self.form_keys(operator) {
            key_await(connection, &key).await?;
        }
        if self.is_signed_in_by(connection).await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }

    /// Repeats the result of an earlier form that was the same, and returns the address that it led to.
    async fn repeat_session_change(&self, sender: Sender<'_>) -> Outcome<Option<String>> {
        if self.form.key().is_none() {
            return Ok(None);
        }
        let mut connection = self.state.pool.acquire().await?;
        let Some(operator) = self.sender_operator(&mut connection, sender).await? else { return Ok(None) };
        let earlier: Option<SessionChange> = self.answer_find(&mut connection, operator).await?;
        let Some(SessionChange { generation, notice, go_to }) = earlier else { return Ok(None) };
        let Some(generation) = generation else {
            drop(connection);
            self.end_session().await?;
            if let Some(notice) = notice {
                self.set_flash(Ok(notice), BTreeMap::new()).await?;
            }
            return Ok(Some(go_to));
        };
        let Some(operator) = operator_current(&mut connection, operator, generation).await? else {
            return Ok(None);
        };
        drop(connection);
        self.sign_in(&SignedIn { operator, generation }, &go_to).await?;
        if let Some(notice) = notice {
            self.restore(Flash { outcome: Ok(notice), typed: BTreeMap::new(), answer: None }).await?;
        }
        Ok(Some(go_to))
    }

    async fn sender_operator(
        &self,
        connection: &mut Connection,
        sender: Sender<'_>,
    ) -> Outcome<Option<OperatorId>> {
        let email = match sender {
            Sender::Link(secret) => return operator_of_used_link(connection, secret).await,
            Sender::Account(email) => email,
        };
        if let Some(operator) = &self.viewer.operator {
            return Ok(Some(operator.id));
        }
        if self.device(connection, email).await?.is_none() {
            return Ok(None);
        }
        operator_of_address(connection, email).await
    }

    /// The text for the form at `next`. It disappears with the old session, so that it is stored for a second answer.
    pub(super) async fn restored_form(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let waiting = self.typed_for(operator, next).await?;
        if self.form.key().is_none() {
            return Ok(waiting);
        }
        let mut connection = self.state.pool.acquire().await?;
        let Some(flash) = waiting else { return self.answer_find(&mut connection, operator.id).await };
        self.answer_store(&mut connection, operator.id, &flash, SHORT_LIFE).await?;
        Ok(Some(flash))
    }
}

/// Begins or ends a session by `work`. Leads on as the same form did earlier, if this one was refused because of that, and
/// otherwise as `finish` does.
pub async fn change_session(
    sender: Sender<'_>,
    form_at: &str,
    work: impl AsyncFnOnce(&RequestContext) -> Outcome<SessionChange>,
) -> Result<(), UiError> {
    let context = request_context()?;
    let outcome = work(&context).await;
    let is_repeated = matches!(
        outcome,
        Err(Failure::Problem(Problem::SignedOut | Problem::PasswordWrong | Problem::SignInLinkRefused))
    );
    if is_repeated {
        let earlier = context.repeat_session_change(sender).await;
        if let Some(go_to) = earlier.map_err(|failure| context.error(failure))? {
            leptos_axum::redirect(&go_to);
            return Ok(());
        }
    }
    finish(&context, outcome.map(|change| (change.notice, change.go_to)), form_at).await
}
