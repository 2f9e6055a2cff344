//! Signing in through an identity provider.

use sqlx::PgConnection;

use super::super::model::{Identity, LockedOperator, SignedIn};
use super::super::{rules, store};
use super::manage::lock_for_change;
use super::{Visitor, begin_session, record_failure, record_own};
use crate::kernel::id::OperatorId;
use crate::kernel::problem::{Problem, ProviderFault};
use crate::kernel::text::{self, ShortText};
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::AdminAction;
use crate::resources::admin_events::ops::admin_event_record;

/// Signs in the operator whom the provider vouches for, and links them at their first sign-in. The caller commits in
/// either case, because a refusal is logged.
pub async fn operator_sign_in_by(
    connection: &mut PgConnection,
    visitor: &Visitor,
    identity: &Identity,
) -> Outcome<Result<SignedIn, Problem>> {
    match authenticate(connection, visitor, identity).await? {
        Ok(signed_in) => {
            begin_session(connection, visitor, &signed_in.operator).await?;
            Ok(Ok(signed_in))
        }
        Err(Refused { id, fault }) => {
            let name = identity.email.as_deref().unwrap_or(&identity.subject);
            record_failure(connection, visitor, id, name).await?;
            Ok(Err(Problem::NotSignedInBy { provider: identity.provider.clone(), fault }))
        }
    }
}

struct Refused {
    /// The operator, if the identity belongs to one.
    id: Option<OperatorId>,
    fault: ProviderFault,
}

async fn authenticate(
    connection: &mut PgConnection,
    visitor: &Visitor,
    identity: &Identity,
) -> Outcome<Result<SignedIn, Refused>> {
    let Identity { issuer, subject, .. } = identity;
    if let Some((id, signed_in)) = store::find_linked(connection, issuer, subject).await? {
        return Ok(signed_in.ok_or_else(|| refused(Some(id), identity)));
    }
    let address = match rules::address_to_link_by(identity) {
        Ok(address) => address,
        Err(fault) => return Ok(Err(Refused { id: None, fault })),
    };
    let Some((signed_in, _)) = store::find_for_sign_in(connection, &text::address(address)).await? else {
        return Ok(Err(refused(None, identity)));
    };
    let id = signed_in.operator.id;
    if store::link(connection, id, issuer, subject, visitor.now).await? {
        record_own(connection, visitor, &signed_in.operator, AdminAction::OperatorLinked).await?;
        return Ok(Ok(signed_in));
    }
    // Either a concurrent sign-in of the same person linked them, or the operator is linked to another subject.
    Ok(match store::find_linked(connection, issuer, subject).await? {
        Some((id, signed_in)) => signed_in.ok_or_else(|| refused(Some(id), identity)),
        None => Err(refused(Some(id), identity)),
    })
}

/// Gives the same reason whether or not an operator exists.
fn refused(id: Option<OperatorId>, identity: &Identity) -> Refused {
    let address = rules::address_to_link_by(identity);
    let fault = address.map_or_else(|fault| fault, |address| ProviderFault::NoOperator(address.to_owned()));
    Refused { id, fault }
}

/// Links an operator to the subject of the issuer that an admin names, whatever the provider says about the e-mail
/// address. Linking again has no effect. Fails with `OperatorNotFound`, `OwnOperator`, `OperatorLinked` or
/// `IdentityTaken`.
pub async fn operator_link_identity<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
    issuer: &str,
    subject: &ShortText,
) -> Outcome<LockedOperator> {
    let operator = lock_for_change(connection, call, id, rules::may_change).await?;
    if store::link(connection, id, issuer, subject.as_str(), call.now).await? {
        admin_event_record(connection, call, AdminAction::OperatorLinked, operator.subject()).await?;
        return Ok(operator);
    }
    match store::find_linked(connection, issuer, subject.as_str()).await? {
        Some((linked, _)) if linked == id => Ok(operator),
        Some(_) => Err(Problem::IdentityTaken.into()),
        None => Err(Problem::OperatorLinked(operator.name().to_owned()).into()),
    }
}
