//! Signing in by an identity provider.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::model::{Identity, Operator, SignedIn, Standing};
use super::super::{rules, store};
use super::manage::{actor, tell};
use super::{Stranger, as_operator, begin, failed, subject};
use crate::kernel::id::OperatorId;
use crate::kernel::problem::{Problem, ProviderFault};
use crate::kernel::text::{self, ShortText};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::AdminAction;
use crate::resources::admin_events::ops::admin_event_record;

/// Lets in whom the provider vouches for, where they are an operator, and links them the first time. To be
/// committed either way: a refusal is told in the log, too.
pub async fn operator_sign_in_by(
    connection: &mut PgConnection,
    stranger: &Stranger,
    identity: &Identity,
) -> Outcome<Result<SignedIn, Problem>> {
    match admit(connection, stranger, identity).await? {
        Ok(signed_in) => {
            begin(connection, stranger, &signed_in.operator).await?;
            Ok(Ok(signed_in))
        }
        Err(Refused { id, fault }) => {
            let name = identity.email.as_deref().unwrap_or(&identity.subject);
            failed(connection, stranger, id, name).await?;
            Ok(Err(Problem::NotSignedInBy { provider: identity.provider.clone(), fault }))
        }
    }
}

struct Refused {
    /// Who it was, if anybody.
    id: Option<OperatorId>,
    fault: ProviderFault,
}

async fn admit(
    connection: &mut PgConnection,
    stranger: &Stranger,
    identity: &Identity,
) -> Outcome<Result<SignedIn, Refused>> {
    if let Some(linked) = store::find_linked(connection, &identity.issuer, &identity.subject).await? {
        return Ok(known(linked, identity));
    }
    let address = match rules::address_to_link_by(identity) {
        Ok(address) => address,
        Err(fault) => return Ok(Err(Refused { id: None, fault })),
    };
    let Some(found) = store::find_for_sign_in(connection, &text::address(address)).await? else {
        return Ok(Err(unknown(None, identity)));
    };
    let signed_in = found.signed_in;
    let (id, issuer, theirs) = (signed_in.operator.id, &identity.issuer, &identity.subject);
    if store::link(connection, id, issuer, theirs, stranger.now).await? {
        let call = as_operator(stranger, &signed_in.operator);
        let operator = subject(&signed_in.operator);
        admin_event_record(connection, &call, AdminAction::OperatorLinked, operator).await?;
        return Ok(Ok(signed_in));
    }
    // Somebody was quicker: the same person in another window, or else whoever is linked already.
    Ok(match store::find_linked(connection, issuer, theirs).await? {
        Some(linked) => known(linked, identity),
        None => Err(unknown(Some(id), identity)),
    })
}

fn known(linked: store::Linked, identity: &Identity) -> Result<SignedIn, Refused> {
    linked.signed_in.ok_or_else(|| unknown(Some(linked.id), identity))
}

/// In the words that a stranger hears.
fn unknown(id: Option<OperatorId>, identity: &Identity) -> Refused {
    let fault = match rules::address_to_link_by(identity) {
        Ok(address) => ProviderFault::NoOperator(address.to_owned()),
        Err(fault) => fault,
    };
    Refused { id, fault }
}

/// Links an operator to the account of the issuer that an admin knows to be theirs, whatever the provider says of
/// their e-mail address. Twice is once.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `OperatorLinked`, `IdentityTaken`.
pub async fn operator_link_identity<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    issuer: &str,
    theirs: &ShortText,
) -> Outcome<Standing> {
    let held = store::hold(connection, id).await?;
    let standing = rules::may_change(actor(call), id, &held)?;
    if store::link(connection, id, issuer, theirs.as_str(), call.now).await? {
        tell(connection, call, AdminAction::OperatorLinked, standing).await?;
        return Ok(standing.clone());
    }
    match store::find_linked(connection, issuer, theirs.as_str()).await? {
        Some(linked) if linked.id == id => Ok(standing.clone()),
        Some(_) => Err(Problem::IdentityTaken.into()),
        None => Err(Problem::OperatorLinked(standing.name().to_owned()).into()),
    }
}

/// Since when this operator is linked to a subject of this issuer.
pub async fn operator_linked_at(
    connection: &mut PgConnection,
    operator: &Operator,
    issuer: &str,
) -> Outcome<Option<DateTime<Utc>>> {
    store::linked_at(connection, operator.id, issuer).await
}
