//! Forms that begin or end sessions, when they are sent twice.
//!
//! The first answer has the cookie of a new session, or ends the session. The browser drops it for the answer to the
//! second form, which it sent with the old cookie. The second form is recognized by its key and its whole content,
//! including secrets and passwords, and gets the same answer. The session that it begins is a second one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{Postgres, Transaction};

use crate::kernel::id::OperatorId;
use crate::kernel::problem::Problem;
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::idempotency_keys::ops::key_await;
use crate::resources::operators::model::{Operator, SignedIn};
use crate::resources::operators::ops::{operator_current, operator_of_address, operator_of_used_link};
use crate::ui::error::UiError;
use crate::ui::flash::{Flash, Notice};
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::changes::{Changed, finish};
use crate::ui::server::session::repeated_forms::SHORT_LIFE;

/// The result of such a form.
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

    /// Waits for the same form if another request is performing it. Fails with `SignedOut` if the session has ended, for
    /// example by that form.
    pub async fn ensure_signed_in(&self, connection: &mut Connection, operator: OperatorId) -> Outcome<()> {
        if let Some((_, key)) = self.form_of(operator) {
            key_await(connection, &key).await?;
        }
        if self.is_signed_in_by(connection).await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }

    /// Repeats the result of an earlier form that was the same, and returns the address that it led to.
    async fn repeat_session_change(&self, sender: Sender<'_>) -> Outcome<Option<String>> {
        if self.form.is_none() {
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
            self.restore(Flash::new(Ok(notice), BTreeMap::new())).await?;
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

    /// The text to restore into the form at `next`. It disappears with the old session, so that it is stored with the key
    /// of the sign-in form for a second answer.
    pub(super) async fn restored_form(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let waiting = self.typed_for(operator, next).await?;
        if self.form.is_none() {
            return Ok(waiting);
        }
        let mut connection = self.state.pool.acquire().await?;
        let Some(flash) = waiting else { return self.answer_find(&mut connection, operator.id).await };
        self.answer_store(&mut connection, operator.id, &flash, SHORT_LIFE).await?;
        Ok(Some(flash))
    }
}

/// Leads on as the same form did earlier, if this one was refused because of that, and otherwise as
/// [`finish`] does.
pub async fn finish_session_change(
    context: &RequestContext,
    outcome: Outcome<SessionChange>,
    sender: Sender<'_>,
    form_at: &str,
) -> Result<(), UiError> {
    let is_repeated = matches!(
        outcome,
        Err(Failure::Problem(Problem::SignedOut | Problem::PasswordWrong | Problem::SignInLinkRefused))
    );
    if is_repeated {
        let earlier =
            context.repeat_session_change(sender).await.map_err(|failure| context.error(failure))?;
        if let Some(go_to) = earlier {
            leptos_axum::redirect(&go_to);
            return Ok(());
        }
    }
    match outcome {
        Ok(SessionChange { notice: None, go_to, .. }) => leptos_axum::redirect(&go_to),
        Ok(SessionChange { notice: Some(notice), go_to, .. }) => {
            finish(context, Ok(Changed { notice, go_to }), form_at).await?;
        }
        Err(failure) => finish(context, Err(failure), form_at).await?,
    }
    Ok(())
}
