//! What a visit may: the doors of admins, and of everybody to what is their own.

use sqlx::PgConnection;

use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::{Privilege, Problem};
use crate::platform::call::{Administer, Call, SelfService};
use crate::platform::failure::Outcome;
use crate::resources::operators::model::Operator;
use crate::ui::error::UiError;
use crate::ui::server::session::changes::{Changed, change_granted};
use crate::ui::server::session::{RequestContext, read};

impl RequestContext {
    fn call_of<P>(&self, operator: &Operator) -> Call<P> {
        let actor = Actor { person: Some(operator.person.clone()), source: Source::Web, token_name: None };
        Call::granted(actor, self.now, Some(self.request_id.clone()))
    }

    /// The right to see and manage operators and tokens.
    pub fn administer(&self) -> Result<Call<Administer>, Problem> {
        let operator = self.operator()?;
        if !operator.role.may_administer() {
            return Err(Problem::Forbidden(Privilege::Administer));
        }
        Ok(self.call_of(operator))
    }

    /// The right to what is one's own.
    pub fn own(&self) -> Result<Call<SelfService>, Problem> {
        Ok(self.call_of(self.operator()?))
    }
}

/// [`read`] for what only admins see.
pub async fn read_as_admin<T>(
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<Administer>) -> Outcome<T>,
) -> Result<T, UiError> {
    read(async |connection, visit| {
        let call = visit.administer()?;
        work(connection, visit, &call).await
    })
    .await
}

/// [`crate::ui::server::session::change_at`] for what only admins do.
pub async fn administer_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<Administer>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::administer, work).await
}

/// [`crate::ui::server::session::change_at`] for what every operator may do with what is their own.
pub async fn change_own_at(
    form_at: &str,
    work: impl AsyncFnOnce(&mut PgConnection, &RequestContext, &Call<SelfService>) -> Outcome<Changed> + Clone,
) -> Result<(), UiError> {
    change_granted(form_at, RequestContext::own, work).await
}
