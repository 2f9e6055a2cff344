//! Which changes of operators are permitted.

use super::model::{Identity, LockedOperator};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::problem::{Problem, ProviderFault};

/// The operator to be changed, from among the locked ones.
pub type Decision<'a> = Result<&'a LockedOperator, Problem>;

/// The actor is `None` on the command line; the locked operators are the target and all admins.
pub type Rule = fn(Option<PersonId>, OperatorId, &[LockedOperator]) -> Decision<'_>;

/// For a change that takes nothing away. Fails with `OperatorNotFound` or `OwnOperator`.
pub fn may_change(actor: Option<PersonId>, target: OperatorId, locked: &[LockedOperator]) -> Decision<'_> {
    let operator = locked.iter().find(|one| one.id == target).ok_or(Problem::OperatorNotFound(target))?;
    if actor.is_some() && actor == operator.person {
        return Err(Problem::OwnOperator);
    }
    Ok(operator)
}

/// For taking the role, the password or the right to sign in. Fails as [`may_change`], or with `LastAdmin`.
pub fn may_lose(actor: Option<PersonId>, target: OperatorId, locked: &[LockedOperator]) -> Decision<'_> {
    let operator = may_change(actor, target, locked)?;
    let others_administer = locked.iter().any(|one| one.id != target && one.administers());
    if operator.administers() && !others_administer { Err(Problem::LastAdmin) } else { Ok(operator) }
}

/// For deleting the person behind one or more operators on the pages. Fails with `LastAdmin`.
pub fn may_leave(person: PersonId, locked: &[LockedOperator]) -> Result<(), Problem> {
    let is_theirs = |one: &&LockedOperator| one.person == Some(person);
    let administers = locked.iter().filter(|one| one.administers());
    let (theirs, others): (Vec<_>, Vec<_>) = administers.partition(is_theirs);
    if !theirs.is_empty() && others.is_empty() { Err(Problem::LastAdmin) } else { Ok(()) }
}

/// For a new sign-in link. The command line creates one for the last admin too, which is how they get back in. Fails as
/// [`may_lose`], or with `OperatorDisabled` or `OperatorWithoutPerson`.
pub fn may_get_link(actor: Option<PersonId>, target: OperatorId, locked: &[LockedOperator]) -> Decision<'_> {
    let rule: Rule = if actor.is_some() { may_lose } else { may_change };
    let operator = rule(actor, target, locked)?;
    if operator.is_disabled {
        return Err(Problem::OperatorDisabled(operator.name().to_owned()));
    }
    if operator.person.is_none() {
        return Err(Problem::OperatorWithoutPerson(operator.email.clone()));
    }
    Ok(operator)
}

/// For removing the link to an identity provider. Fails as [`may_change`], or with `LastAdmin` if they could not sign in
/// without it.
pub fn may_unlink(actor: Option<PersonId>, target: OperatorId, locked: &[LockedOperator]) -> Decision<'_> {
    let operator = may_change(actor, target, locked)?;
    if operator.has_password { Ok(operator) } else { may_lose(actor, target, locked) }
}

/// The e-mail address by which an identity may be linked at its first sign-in.
pub fn address_to_link_by(identity: &Identity) -> Result<&str, ProviderFault> {
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
    use crate::kernel::actor::Role;
    use uuid::Uuid;

    fn person(number: u128) -> PersonId {
        PersonId::new(Uuid::from_u128(number))
    }

    fn id(number: u128) -> OperatorId {
        OperatorId::new(Uuid::from_u128(number))
    }

    fn admin(number: u128) -> LockedOperator {
        LockedOperator {
            id: id(number),
            email: format!("{number}@example.com"),
            role: Role::Admin,
            person: Some(person(number)),
            person_name: Some(format!("Number {number}")),
            is_disabled: false,
            has_password: true,
            is_linked: false,
        }
    }

    #[test]
    fn last_admin_cannot_lose_access() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_lose(Some(person(1)), id(2), &two).map(|one| one.id), Ok(id(2)));
        let one = [admin(1), LockedOperator { is_disabled: true, ..admin(2) }];
        assert_eq!(may_lose(Some(person(2)), id(1), &one), Err(Problem::LastAdmin));
        assert_eq!(may_lose(None, id(1), &one), Err(Problem::LastAdmin));
    }

    #[test]
    fn person_of_the_last_admin_cannot_be_deleted() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_leave(person(1), &two), Ok(()));
        // A second account of the same person does not count.
        let one = [admin(1), LockedOperator { person: admin(1).person, ..admin(2) }];
        assert_eq!(may_leave(person(1), &one), Err(Problem::LastAdmin));
        assert_eq!(may_leave(person(3), &one), Ok(()));
    }

    #[test]
    fn admin_who_cannot_sign_in_does_not_count() {
        for other in [
            LockedOperator { role: Role::Support, ..admin(2) },
            LockedOperator { is_disabled: true, ..admin(2) },
            LockedOperator { has_password: false, ..admin(2) },
            LockedOperator { person: None, ..admin(2) },
        ] {
            assert_eq!(
                may_lose(None, id(1), &[admin(1), other.clone()]),
                Err(Problem::LastAdmin),
                "{other:?}"
            );
        }
    }

    #[test]
    fn admin_who_signs_in_through_a_provider_counts() {
        let linked = LockedOperator { has_password: false, is_linked: true, ..admin(2) };
        assert!(may_lose(Some(person(2)), id(1), &[admin(1), linked.clone()]).is_ok());
        assert_eq!(may_lose(None, id(2), std::slice::from_ref(&linked)), Err(Problem::LastAdmin));
        // The last admin can only sign in by the link.
        assert_eq!(may_unlink(None, id(2), std::slice::from_ref(&linked)), Err(Problem::LastAdmin));
        assert!(may_unlink(None, id(2), &[LockedOperator { has_password: true, ..linked.clone() }]).is_ok());
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
    fn operators_cannot_change_themselves() {
        let two = [admin(1), admin(2)];
        assert_eq!(may_lose(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        assert_eq!(may_change(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        assert_eq!(may_get_link(Some(person(1)), id(1), &two), Err(Problem::OwnOperator));
        // Two missing people are not the same person.
        let gone = [LockedOperator { person: None, ..admin(1) }, admin(2)];
        assert!(may_lose(None, id(1), &gone).is_ok());
    }

    #[test]
    fn command_line_creates_a_link_for_the_last_admin() {
        let one = [admin(1)];
        assert!(may_get_link(None, id(1), &one).is_ok());
        assert_eq!(may_get_link(Some(person(9)), id(1), &one), Err(Problem::LastAdmin));
    }

    #[test]
    fn link_requires_an_operator_who_can_use_it() {
        let locked = [
            admin(1),
            LockedOperator { is_disabled: true, ..admin(2) },
            LockedOperator { person: None, role: Role::Support, ..admin(3) },
        ];
        let refused = |number| may_get_link(Some(person(1)), id(number), &locked).unwrap_err();
        assert_eq!(refused(2), Problem::OperatorDisabled("Number 2".to_owned()));
        assert_eq!(refused(3), Problem::OperatorWithoutPerson("3@example.com".to_owned()));
        assert_eq!(refused(4), Problem::OperatorNotFound(id(4)));
    }
}
