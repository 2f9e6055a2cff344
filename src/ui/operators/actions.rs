//! Changes to operators, for admins.

use crate::kernel::text::{Email, Name, ShortText};
use crate::platform::call::{Administer, Call};
use crate::resources::flows::invite_operator;
use crate::resources::operators::model::OperatorChange;
use crate::resources::operators::ops::{self, NewOperator};
use crate::ui::server::forms::both;
use crate::ui::server::prelude::*;

fn sign_in_link(context: &RequestContext, secret: &str) -> Once {
    Once(format!("{}{}", context.origin, paths::invitation(secret)))
}

/// Adds an operator, who chooses a password with a sign-in link.
#[server(prefix = "/api/fn", endpoint = "operator-invite")]
pub async fn operator_invite(email: String, name: String, role: String) -> Result<(), UiError> {
    change_as(RequestContext::administer, paths::NEW_OPERATOR, async |connection, context, call| {
        let role = form_id(&role)?;
        let (email, name) =
            both(field(Field::Email, &email, Email::parse), field(Field::Name, &name, Name::parse))?;
        let new = NewOperator { email, name: name.clone(), role, password: None };
        let secret = invite_operator::operator_add(connection, call, new).await?.unwrap_or_default();
        let link = sign_in_link(context, &secret);
        let notice = Notice::OperatorInvited { name: name.to_string(), link };
        Ok(Changed { notice, go_to: paths::OPERATORS.to_owned() })
    })
    .await
}

/// Changes one operator and leads back to their page.
async fn change_operator(
    operator: &str,
    work: impl AsyncFnOnce(&mut Connection, &RequestContext, &Call<Administer>, OperatorId) -> Outcome<Notice>
    + Clone,
) -> Result<(), UiError> {
    let page = paths::operator_at(operator);
    change_as(RequestContext::administer, &page, async |connection, context, call| {
        let notice = work(connection, context, call, form_id(operator)?).await?;
        Ok(Changed { notice, go_to: page.clone() })
    })
    .await
}

/// Creates a new sign-in link. The previous link and the password stop working.
#[server(prefix = "/api/fn", endpoint = "operator-link")]
pub async fn operator_link(operator: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, context, call, id| {
        let (operator, secret) = ops::operator_link(connection, call, id).await?;
        let link = sign_in_link(context, &secret);
        Ok(Notice::LinkCreated { name: operator.name().to_owned(), link })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-set-role")]
pub async fn operator_set_role(operator: String, role: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, _, call, id| {
        let role = form_id(&role)?;
        let changed = ops::operator_change(connection, call, id, OperatorChange::Role(role)).await?;
        Ok(Notice::RoleGiven { name: changed.name().to_owned(), role })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-disable")]
pub async fn operator_disable(operator: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, _, call, id| {
        let disabled = ops::operator_change(connection, call, id, OperatorChange::Disable).await?;
        Ok(Notice::OperatorDisabled { operator: id, name: disabled.name().to_owned() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-enable")]
pub async fn operator_enable(operator: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, _, call, id| {
        let enabled = ops::operator_change(connection, call, id, OperatorChange::Enable).await?;
        Ok(Notice::OperatorEnabled { name: enabled.name().to_owned() })
    })
    .await
}

/// Links an operator to an account at the identity provider. `subject`: the id of that account.
#[server(prefix = "/api/fn", endpoint = "operator-link-identity")]
pub async fn operator_link_identity(operator: String, subject: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, context, call, id| {
        let provider = context.state.provider.as_ref().ok_or(Problem::FormMalformed)?;
        let subject = field(Field::Subject, &subject, ShortText::parse)?;
        let linked = ops::operator_link_identity(connection, call, id, provider.issuer(), &subject).await?;
        Ok(Notice::OperatorLinked { name: linked.name().to_owned() })
    })
    .await
}

/// Removes the link to the identity provider and ends all sessions of the operator.
#[server(prefix = "/api/fn", endpoint = "operator-unlink")]
pub async fn operator_unlink(operator: String) -> Result<(), UiError> {
    change_operator(&operator, async |connection, _, call, id| {
        let unlinked = ops::operator_change(connection, call, id, OperatorChange::Unlink).await?;
        Ok(Notice::OperatorUnlinked { name: unlinked.name().to_owned() })
    })
    .await
}
