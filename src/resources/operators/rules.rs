//! Who may take what from whom.

use super::model::{Identity, Standing};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::{Problem, ProviderFault};

/// The one among them whose role, password or right to sign in is to be taken. `actor` is nobody on the
/// command line.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`.
pub(super) fn may_lose(
    actor: Option<PersonId>,
    target: OperatorId,
    held: &[Standing],
) -> Result<&Standing, Problem> {
    let standing = may_change(actor, target, held)?;
    let others_administer = held.iter().any(|one| one.id != target && one.administers());
    if standing.administers() && !others_administer {
        return Err(Problem::LastAdmin);
    }
    Ok(standing)
}

/// The person behind one or more of them is to be deleted by somebody at the desk.
///
/// # Errors
/// `LastAdmin`.
pub(super) fn may_leave(person: PersonId, held: &[Standing]) -> Result<(), Problem> {
    let is_theirs = |one: &&Standing| one.person.as_ref().is_some_and(|own| own.id == person);
    let administers = held.iter().filter(|one| one.administers());
    let (theirs, others): (Vec<_>, Vec<_>) = administers.partition(is_theirs);
    if !theirs.is_empty() && others.is_empty() { Err(Problem::LastAdmin) } else { Ok(()) }
}

/// The one among them who is to be given something.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`.
pub(super) fn may_change(
    actor: Option<PersonId>,
    target: OperatorId,
    held: &[Standing],
) -> Result<&Standing, Problem> {
    let standing = held.iter().find(|one| one.id == target).ok_or(Problem::OperatorNotFound(target))?;
    let person = standing.person.as_ref().map(|person| person.id);
    if actor.is_some() && actor == person {
        return Err(Problem::OwnOperator);
    }
    Ok(standing)
}

/// The one among them who is to get a link. The owner of the machine makes one for the last admin too:
/// that is how they get back in.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`, `LastAdmin`, `OperatorDisabled`, `OperatorWithoutPerson`.
pub(super) fn may_get_link(
    actor: Option<PersonId>,
    target: OperatorId,
    held: &[Standing],
) -> Result<&Standing, Problem> {
    let standing = match actor {
        Some(_) => may_lose(actor, target, held)?,
        None => may_change(actor, target, held)?,
    };
    if standing.is_disabled {
        return Err(Problem::OperatorDisabled(standing.name().to_owned()));
    }
    if standing.person.is_none() {
        return Err(Problem::OperatorWithoutPerson(standing.email.clone()));
    }
    Ok(standing)
}

/// The one among them whose link to an identity provider is to be taken.
///
/// # Errors
/// `OperatorNotFound`, `OwnOperator`; `LastAdmin` where it is their only way in.
pub(super) fn may_unlink(
    actor: Option<PersonId>,
    target: OperatorId,
    held: &[Standing],
) -> Result<&Standing, Problem> {
    let standing = may_change(actor, target, held)?;
    if standing.has_password { Ok(standing) } else { may_lose(actor, target, held) }
}

/// The e-mail address by which somebody may be linked whom the provider has not been linked to yet.
///
/// # Errors
/// `EmailUnverified`, `EmailUnvouched`.
pub(super) fn address_to_link_by(identity: &Identity) -> Result<&str, ProviderFault> {
    let address = identity.email.as_deref().map(str::trim).filter(|address| !address.is_empty());
    let subject = identity.subject.clone();
    match (address, identity.email_verified) {
        (Some(address), Some(true)) => Ok(address),
        (Some(_), None) => Err(ProviderFault::EmailUnvouched { subject }),
        (None, _) | (Some(_), Some(false)) => Err(ProviderFault::EmailUnverified { subject }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::{PersonRef, Role};
    use uuid::Uuid;

    fn person(number: u128) -> PersonId {
        PersonId::new(Uuid::from_u128(number))
    }

    fn id(number: u128) -> OperatorId {
        OperatorId::new(Uuid::from_u128(number))
    }

    fn admin(number: u128) -> Standing {
        Standing {
            id: id(number),
            email: format!("{number}@example.com"),
            role: Role::Admin,
            person: Some(PersonRef { id: person(number), name: format!("Number {number}") }),
            is_disabled: false,
            has_password: true,
            is_linked: false,
        }
    }

    #[test]
    fn one_of_two_admins_may_go_and_then_the_other_stays() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_lose(Some(person(1)), id(2), &two).map(|one| one.id), Ok(id(2)));
        let one = [admin(1), Standing { is_disabled: true, ..admin(2) }];
        assert_eq!(may_lose(Some(person(2)), id(1), &one), Err(Problem::LastAdmin));
        assert_eq!(may_lose(None, id(1), &one), Err(Problem::LastAdmin));
    }

    #[test]
    fn the_person_of_the_last_admin_stays() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_leave(person(1), &two), Ok(()));
        // A second account of theirs is nobody else.
        let one = [admin(1), Standing { person: admin(1).person, ..admin(2) }];
        assert_eq!(may_leave(person(1), &one), Err(Problem::LastAdmin));
        assert_eq!(may_leave(person(3), &one), Ok(()));
    }

    #[test]
    fn who_cannot_sign_in_as_an_admin_is_no_other_admin() {
        for other in [
            Standing { role: Role::Support, ..admin(2) },
            Standing { is_disabled: true, ..admin(2) },
            Standing { has_password: false, ..admin(2) },
            Standing { person: None, ..admin(2) },
        ] {
            assert_eq!(
                may_lose(None, id(1), &[admin(1), other.clone()]),
                Err(Problem::LastAdmin),
                "{other:?}"
            );
        }
    }

    #[test]
    fn who_signs_in_by_a_provider_is_an_admin_too() {
        let linked = Standing { has_password: false, is_linked: true, ..admin(2) };
        assert!(may_lose(Some(person(2)), id(1), &[admin(1), linked.clone()]).is_ok());
        assert_eq!(may_lose(None, id(2), std::slice::from_ref(&linked)), Err(Problem::LastAdmin));
        // The link is all that the last admin has.
        assert_eq!(may_unlink(None, id(2), std::slice::from_ref(&linked)), Err(Problem::LastAdmin));
        assert!(may_unlink(None, id(2), &[Standing { has_password: true, ..linked.clone() }]).is_ok());
        assert!(may_unlink(Some(person(1)), id(2), &[admin(1), linked]).is_ok());
        assert_eq!(may_unlink(Some(person(1)), id(1), &[admin(1)]), Err(Problem::OwnOperator));
    }

    #[test]
    fn only_a_verified_address_links() {
        let vouched = Identity {
            provider: "Example".to_owned(),
            issuer: "https://id.example.com".to_owned(),
            subject: "1".to_owned(),
            email: Some(" ana@example.com ".to_owned()),
            email_verified: Some(true),
        };
        assert_eq!(address_to_link_by(&vouched), Ok("ana@example.com"));
        let unverified = ProviderFault::EmailUnverified { subject: "1".to_owned() };
        for other in [
            Identity { email_verified: Some(false), ..vouched.clone() },
            Identity { email: None, ..vouched.clone() },
            Identity { email: None, email_verified: None, ..vouched.clone() },
            Identity { email: Some(" ".to_owned()), ..vouched.clone() },
        ] {
            assert_eq!(address_to_link_by(&other), Err(unverified.clone()), "{other:?}");
        }
        let unvouched = ProviderFault::EmailUnvouched { subject: "1".to_owned() };
        assert_eq!(address_to_link_by(&Identity { email_verified: None, ..vouched }), Err(unvouched));
    }

    #[test]
    fn nobody_takes_from_themselves() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_lose(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        assert_eq!(may_change(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        assert_eq!(may_get_link(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        // Nor are two who are nobody the same.
        let gone = [Standing { person: None, ..admin(1) }, admin(2)];
        assert!(may_lose(None, id(1), &gone).is_ok());
    }

    #[test]
    fn the_machines_owner_lets_the_last_admin_back_in() {
        let one = [admin(1)];
        assert!(may_get_link(None, id(1), &one).is_ok());
        assert_eq!(may_get_link(Some(person(9)), id(1), &one), Err(Problem::LastAdmin));
    }

    #[test]
    fn a_link_is_for_somebody_who_can_use_it() {
        let held = [
            admin(1),
            Standing { is_disabled: true, ..admin(2) },
            Standing { person: None, role: Role::Support, ..admin(3) },
        ];
        let refused = |number| may_get_link(Some(person(1)), id(number), &held).unwrap_err();
        assert_eq!(refused(2), Problem::OperatorDisabled("Number 2".to_owned()));
        assert_eq!(refused(3), Problem::OperatorWithoutPerson("3@example.com".to_owned()));
        assert_eq!(refused(4), Problem::OperatorNotFound(id(4)));
    }
}
