//! Of operators, for admins: who signs in, and as what.

use leptos::prelude::*;

use crate::kernel::id::OperatorId;
use crate::resources::operators::model::OperatorSummary;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// All operators, last added first.
#[server(prefix = "/api/fn", endpoint = "operators-read")]
pub async fn operators_read(
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<OperatorSummary>, UiError> {
    use crate::resources::operators::model::operator_position;
    use crate::resources::operators::ops::operator_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read_as_admin;
    read_as_admin(async |connection, visit, call| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "operators", after.as_deref(), before.as_deref())?;
        let page = operator_list(connection, call, &request).await?;
        Ok(list_page(page, key, "operators", operator_position))
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-read")]
pub async fn operator_read(operator: OperatorId) -> Result<OperatorSummary, UiError> {
    use crate::resources::operators::ops::operator_get;
    use crate::ui::server::session::read_as_admin;
    read_as_admin(async |connection, _, call| operator_get(connection, call, operator).await).await
}

/// Adds an operator, who gets a link to choose a password with.
#[server(prefix = "/api/fn", endpoint = "operator-invite")]
pub async fn operator_invite(email: String, name: String, role: String) -> Result<(), UiError> {
    use crate::kernel::actor::Role;
    use crate::kernel::problem::{Field, Problem};
    use crate::kernel::text::{Email, Name};
    use crate::resources::flows::invite_operator::operator_add;
    use crate::resources::operators::ops::NewOperator;
    use crate::ui::flash::{Notice, Once};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    administer_at(paths::NEW_OPERATOR, async |connection, visit, call| {
        let role = Role::from_word(&role).ok_or(Problem::FormMalformed)?;
        let email = Email::parse(&email).map_err(|fault| Problem::invalid(Field::Email, fault));
        let name = Name::parse(&name).map_err(|fault| Problem::invalid(Field::Name, fault));
        let (email, name) = match (email, name) {
            (Ok(email), Ok(name)) => (email, name),
            (email, name) => {
                let problems = email.err().into_iter().chain(name.err());
                return Err(Problem::gathered(problems.collect()).into());
            }
        };
        let new = NewOperator { email, name: name.clone(), role, password: None };
        let secret = operator_add(connection, call, new).await?.unwrap_or_default();
        let link = Once(visit.absolute(&paths::invitation(&secret)));
        let notice = Notice::OperatorInvited { name: name.to_string(), link };
        Ok(Changed { notice, go_to: paths::OPERATORS.to_owned() })
    })
    .await
}

/// Makes a new link: the last one and the password stop working.
#[server(prefix = "/api/fn", endpoint = "operator-link")]
pub async fn operator_link(operator: String) -> Result<(), UiError> {
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::{Notice, Once};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, visit, call| {
        let made = ops::operator_link(connection, call, form_id(&operator)?).await?;
        let link = Once(visit.absolute(&paths::invitation(&made.secret)));
        let notice = Notice::LinkCreated { name: made.name, link };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-set-role")]
pub async fn operator_set_role(operator: String, role: String) -> Result<(), UiError> {
    use crate::kernel::actor::Role;
    use crate::kernel::problem::Problem;
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, _, call| {
        let role = Role::from_word(&role).ok_or(Problem::FormMalformed)?;
        let standing = ops::operator_set_role(connection, call, form_id(&operator)?, role).await?;
        let notice = Notice::RoleGiven { name: standing.name().to_owned(), role };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-disable")]
pub async fn operator_disable(operator: String) -> Result<(), UiError> {
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, _, call| {
        let id = form_id(&operator)?;
        let standing = ops::operator_disable(connection, call, id).await?;
        let notice = Notice::OperatorDisabled { operator: id, name: standing.name().to_owned() };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Links an operator to an account of the identity provider.
#[server(prefix = "/api/fn", endpoint = "operator-link-identity")]
pub async fn operator_link_identity(operator: String, subject: String) -> Result<(), UiError> {
    use crate::kernel::problem::{Field, Problem};
    use crate::kernel::text::ShortText;
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, visit, call| {
        let provider = visit.state.provider.as_ref().ok_or(Problem::FormMalformed)?;
        let subject = ShortText::parse(&subject).map_err(|fault| Problem::invalid(Field::Subject, fault))?;
        let (id, issuer) = (form_id(&operator)?, provider.issuer());
        let standing = ops::operator_link_identity(connection, call, id, issuer, &subject).await?;
        let notice = Notice::OperatorLinked { name: standing.name().to_owned() };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

/// Ends the link to the identity provider, and their sessions.
#[server(prefix = "/api/fn", endpoint = "operator-unlink")]
pub async fn operator_unlink(operator: String) -> Result<(), UiError> {
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, _, call| {
        let standing = ops::operator_unlink(connection, call, form_id(&operator)?).await?;
        let notice = Notice::OperatorUnlinked { name: standing.name().to_owned() };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "operator-enable")]
pub async fn operator_enable(operator: String) -> Result<(), UiError> {
    use crate::resources::operators::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    let back = paths::operator_at(&operator);
    administer_at(&back, async |connection, _, call| {
        let standing = ops::operator_enable(connection, call, form_id(&operator)?).await?;
        let notice = Notice::OperatorEnabled { name: standing.name().to_owned() };
        Ok(Changed { notice, go_to: back.clone() })
    })
    .await
}
