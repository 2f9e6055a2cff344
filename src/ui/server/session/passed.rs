//! Forms that begin or end sessions, when they are sent twice.
//!
//! The first answer holds the cookie of a new session, or ends the session, and a browser throws it away for that
//! of the second form, which comes from a session that is no more. The second form is known again by its key and
//! by all that it holds, secrets and passwords among it, and is answered as the first one was. The session
//! that it begins is one of its own, beside that of the first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::kernel::id::OperatorId;
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::idempotency_keys::ops::key_await;
use crate::resources::operators::model::{Operator, SignedIn};
use crate::resources::operators::ops::{operator_current, operator_of_address, operator_of_used_link};
use crate::resources::sign_in_attempts::model::account;
use crate::ui::error::UiError;
use crate::ui::flash::{Flash, Notice};
use crate::ui::server::session::RequestContext;
use crate::ui::server::session::sent_twice::{SHORTLY, answer_find, answer_keep};

/// What such a form did.
#[derive(Serialize, Deserialize)]
pub struct Passed {
    /// Of the session that it began; `None`: it ended all of them.
    generation: Option<i32>,
    notice: Option<Notice>,
    go_to: String,
}

/// How it is known whose form it is, where nobody is signed in any more.
pub enum Sender<'a> {
    /// This browser was signed in with this account before.
    Account(&'a str),
    /// It holds this secret of a sign-in link.
    Link(&'a str),
}

impl Passed {
    pub fn signed_in(signed_in: &SignedIn, notice: Option<Notice>, go_to: &str) -> Self {
        Self { generation: Some(signed_in.generation), notice, go_to: go_to.to_owned() }
    }

    pub fn signed_out(notice: Notice, go_to: &str) -> Self {
        Self { generation: None, notice: Some(notice), go_to: go_to.to_owned() }
    }
}

impl RequestContext {
    /// In the transaction of what the form does.
    pub async fn keep_passed(
        &self,
        connection: &mut PgConnection,
        operator: OperatorId,
        passed: &Passed,
    ) -> Outcome<()> {
        let Some(form) = &self.form else { return Ok(()) };
        answer_keep(connection, form, &form.asked(operator, self.now), passed, SHORTLY).await
    }

    /// Waits for the same form, where it is being performed for another request.
    ///
    /// # Errors
    /// `SignedOut`, where the session has ended, as by that form.
    pub async fn stay_signed_in(&self, connection: &mut PgConnection) -> Outcome<()> {
        if let Some((_, asked)) = self.asked() {
            key_await(connection, &asked).await?;
        }
        if self.is_signed_in_by(connection).await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }

    /// If the same form was performed before: signs in as it did, or out, and says where to go on.
    async fn passed_before(&self, sender: Sender<'_>) -> Outcome<Option<String>> {
        let Some(form) = &self.form else { return Ok(None) };
        let mut connection = self.state.pool.acquire().await?;
        let Some(operator) = self.operator_behind(&mut connection, sender).await? else { return Ok(None) };
        let asked = form.asked(operator, self.now);
        let found: Option<Passed> = answer_find(&mut connection, form, &asked).await?;
        let Some(Passed { generation, notice, go_to }) = found else { return Ok(None) };
        let Some(generation) = generation else {
            drop(connection);
            self.sign_out().await?;
            if let Some(notice) = notice {
                self.tell(Ok(notice), BTreeMap::new()).await?;
            }
            return Ok(Some(go_to));
        };
        let Some(operator) = operator_current(&mut connection, operator, generation).await? else {
            return Ok(None);
        };
        drop(connection);
        self.sign_in(&SignedIn { operator, generation }, &go_to).await?;
        if let Some(notice) = notice {
            self.restore(Flash::of(notice)).await?;
        }
        Ok(Some(go_to))
    }

    async fn operator_behind(
        &self,
        connection: &mut PgConnection,
        sender: Sender<'_>,
    ) -> Outcome<Option<OperatorId>> {
        let email = match sender {
            Sender::Link(secret) => return operator_of_used_link(connection, secret).await,
            Sender::Account(email) => email,
        };
        if let Some(operator) = &self.operator {
            return Ok(Some(operator.id));
        }
        let Some(mark) = &self.mark else { return Ok(None) };
        let key = self.state.device_key(connection).await?;
        if key.device(mark, &account(email)).is_none() {
            return Ok(None);
        }
        operator_of_address(connection, email).await
    }

    /// What waits for this operator at the form that they go on to. It leaves with the session in which it waited;
    /// who sends the same form of the sign-in page twice gets it with the second answer as well.
    pub(super) async fn waiting_for(&self, operator: &Operator, next: &str) -> Outcome<Option<Flash>> {
        let waiting = self.kept_for(operator, next).await?;
        let Some(form) = &self.form else { return Ok(waiting) };
        let asked = form.asked(operator.id, self.now);
        let mut connection = self.state.pool.acquire().await?;
        match waiting {
            Some(flash) => {
                answer_keep(&mut connection, form, &asked, &flash, SHORTLY).await?;
                Ok(Some(flash))
            }
            None => answer_find(&mut connection, form, &asked).await,
        }
    }
}

/// Was this form refused because the same one was performed before? Then goes on to where that one led.
pub async fn went_before<T>(
    visit: &RequestContext,
    outcome: &Outcome<T>,
    sender: Sender<'_>,
) -> Result<bool, UiError> {
    let is_late = matches!(
        outcome,
        Err(Failure::Problem(Problem::SignedOut | Problem::PasswordWrong | Problem::SignInLinkRefused))
    );
    if !is_late {
        return Ok(false);
    }
    let before = visit.passed_before(sender).await.map_err(|failure| visit.error(failure))?;
    if let Some(go_to) = &before {
        leptos_axum::redirect(go_to);
    }
    Ok(before.is_some())
}
