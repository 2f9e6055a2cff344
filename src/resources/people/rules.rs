//! Decisions about a person.

use super::model::{Person, PersonChange, is_named};
use crate::kernel::actor::{Actor, Source};
use crate::kernel::id::PersonId;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{TextFault, cleaned};
use crate::kernel::version::Version;

/// The version of the values that a form shows.
pub fn version(person: &Person) -> Version {
    Version::of([Some(&person.first_name), Some(&person.last_name), person.email.as_deref()])
}

/// The person with the changes applied. Fails with `Invalid` if a change of names leaves both empty. A person
/// from an older system who has no name may still get an e-mail address.
pub fn changed(before: &Person, change: PersonChange) -> Result<Person, Problem> {
    let mut after = before.clone();
    let field = if change.first_name.is_some() { Field::FirstName } else { Field::LastName };
    if let Some(name) = change.first_name {
        name.as_str().clone_into(&mut after.first_name);
    }
    if let Some(name) = change.last_name {
        name.as_str().clone_into(&mut after.last_name);
    }
    after.email = change.email.map(|email| email.to_string()).apply_to(after.email);
    let is_renamed = (&after.first_name, &after.last_name) != (&before.first_name, &before.last_name);
    if is_renamed && !is_named(&after.first_name, &after.last_name) {
        return Err(Problem::invalid(field, TextFault::Nameless));
    }
    Ok(after)
}

/// A user who deleted the person of their own session would be signed out at once and would not see the result. A token
/// may delete its own person, because the response reports it. Fails with `OwnPerson`.
pub fn deletable(actor: &Actor, person: PersonId) -> Result<(), Problem> {
    let is_own = actor.person.as_ref().is_some_and(|own| own.id == person);
    if is_own && actor.source == Source::Web { Err(Problem::OwnPerson) } else { Ok(()) }
}

/// The text that a user types to confirm a deletion: the name, else the e-mail address, else the id.
pub fn confirmation(person: &Person) -> String {
    let name = person.display_name();
    if name.is_empty() { person.email.clone().unwrap_or_else(|| person.id.to_string()) } else { name }
}

/// Compares with [`confirmation`], ignoring case, spaces and the Unicode form of accents. Fails with `NotConfirmed`.
pub fn confirmed(person: &Person, typed: &str) -> Result<(), Problem> {
    let wanted = confirmation(person);
    if plain(typed) == plain(&wanted) { Ok(()) } else { Err(Problem::NotConfirmed(wanted)) }
}

fn plain(text: &str) -> String {
    cleaned(text).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::PersonRef;
    use crate::kernel::patch::Patch;
    use crate::kernel::text::{Email, NamePart};
    use chrono::DateTime;
    use uuid::Uuid;

    const ANA: PersonId = PersonId::new(Uuid::from_u128(1));

    fn person(first_name: &str, last_name: &str, email: Option<&str>) -> Person {
        Person {
            id: ANA,
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: email.map(Into::into),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: None,
        }
    }

    #[test]
    fn change_may_not_remove_the_only_name() {
        let change = |last_name: Option<NamePart>, email| PersonChange { first_name: None, last_name, email };
        let lima = person("", "Lima", None);
        let nameless = Err(Problem::invalid(Field::LastName, TextFault::Nameless));
        assert_eq!(changed(&lima, change(Some(NamePart::default()), Patch::Absent)), nameless);
        // A person without a name from an older system may get an address.
        let email = Patch::Set(Email::parse("a@b.example").unwrap());
        let after = changed(&person("", "", None), change(None, email)).unwrap();
        assert_eq!(after.email.as_deref(), Some("a@b.example"));
    }

    #[test]
    fn own_person_cannot_be_deleted_on_the_pages() {
        let by = |id, source| {
            let person = Some(PersonRef { id, name: String::new() });
            deletable(&Actor { person, source, token_name: None }, ANA)
        };
        assert_eq!(by(ANA, Source::Web), Err(Problem::OwnPerson));
        assert_eq!(by(ANA, Source::Api), Ok(()));
        assert_eq!(by(PersonId::new(Uuid::from_u128(2)), Source::Web), Ok(()));
        let nobody = Actor { person: None, source: Source::Web, token_name: None };
        assert_eq!(deletable(&nobody, ANA), Ok(()));
    }

    #[test]
    fn confirmation_ignores_case_and_spaces() {
        let ana = person("Ana  Maria", "Lima", None);
        assert_eq!(confirmed(&ana, " ana maria LIMA "), Ok(()));
        assert_eq!(confirmed(&person("Zoe\u{308}", "", None), "zo\u{eb}"), Ok(()));
        for typed in ["", "Ana Lima", "Ana Maria Lima x"] {
            assert_eq!(
                confirmed(&ana, typed),
                Err(Problem::NotConfirmed("Ana  Maria Lima".into())),
                "{typed}"
            );
        }
    }

    #[test]
    fn person_without_a_name_is_confirmed_by_address_or_id() {
        assert_eq!(confirmation(&person("", " ", Some("a@b.c"))), "a@b.c");
        assert_eq!(confirmation(&person("", "", None)), ANA.to_string());
        assert!(confirmed(&person("", "", None), "").is_err());
    }
}
