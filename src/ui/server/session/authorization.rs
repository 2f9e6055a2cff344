//! Permissions: operations receive them as a [`Call`] with the privilege as its type.

use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Administer, Call, SelfService, WriteAndAttribute};
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::resources::operators::ops::Visitor;
use crate::ui::error::UiError;
use crate::ui::server::session::changes::{Changed, change_granted};
use crate::ui::server::session::{RequestContext, read};

impl RequestContext {
    fn call<P>(&self) -> Call<P> {
        let person = self.viewer.operator.as_ref().map(|operator| operator.person.clone());
        let actor = Actor { person, source: Source::Web, token_name: None };
        Call::granted(actor, self.viewer.now, Some(self.request_id.clone()))
    }

    /// For operations before a sign-in. Their actor is unknown, even if someone is signed in.
    pub fn anonymous(&self) -> Visitor {
        let actor = Actor { person: None, source: Source::Web, token_name: None };
        Call::granted(actor, self.viewer.now, Some(self.request_id.clone()))
    }

    /// # Errors
    /// `SignedOut`, `Forbidden`.
    pub fn write(&self) -> Result<Call<WriteAndAttribute>, Problem> {
        if !self.operator()?.role.may_write() {
            return Err(Problem::Forbidden(Privilege::Write));
        }
        Ok(self.call())
    }

    /// The permission to see and manage operators and tokens.
    ///
    /// # Errors
    /// `SignedOut`, `Forbidden`.
    pub fn administer(&self) -> Result<Call<Administer>, Problem> {
        if !self.operator()?.role.may_administer() {
            return Err(Problem::Forbidden(Privilege::Administer));
        }
        Ok(self.call())
    }

    /// The permission to manage the viewer's own account.
    ///
    /// # Errors
    /// `SignedOut`.
    pub fn own(&self) -> Result<Call<SelfService>, Problem> {
        self.operator()?;
        Ok(self.call())
    }
}

/// [`read`] for admins.
pub async fn read_as_admin<T>(
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<Administer>) -> Outcome<T>,
) -> Result<T, UiError> {
    read(async |connection, context| {
        let call = context.administer()?;
        work(connection, context, &call).await
    })
    .await
}

/// [`crate::ui::server::session::change_at`] for admins.
pub async fn administer_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<Administer>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::administer, work).await
}

/// [`crate::ui::server::session::change_at`] for changes to the viewer's own account.
pub async fn change_own_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<SelfService>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::own, work).await
}
