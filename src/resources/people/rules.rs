//! What a form shows of a person, and who may be deleted by whom. Pure, so that it can be read and tested by itself.

use super::model::Person;
use crate::kernel::actor::{Actor, Source};
use crate::kernel::id::PersonId;
use crate::kernel::problem::Problem;
use crate::kernel::text::cleaned;
use crate::kernel::version::Version;

/// Of what a form shows of a person.
pub fn version(person: &Person) -> Version {
    Version::of([Some(&person.first_name), Some(&person.last_name), person.email.as_deref()])
}

/// Whoever deleted the person behind their own session would be signed out by it, and could not even be
/// told what they had done. A token is none: the machine that holds it is told by the answer.
///
/// # Errors
/// `OwnPerson`.
pub fn deletable(actor: &Actor, person: PersonId) -> Result<(), Problem> {
    let is_own = actor.person.as_ref().is_some_and(|own| own.id == person);
    if is_own && actor.source == Source::Web { Err(Problem::OwnPerson) } else { Ok(()) }
}

/// What is typed to confirm that this person is meant: the name, or what stands for one that is blank.
pub fn confirmation(person: &Person) -> String {
    let name = person.display_name();
    if name.is_empty() { person.email.clone().unwrap_or_else(|| person.id.to_string()) } else { name }
}

/// Was this person meant? Case and spaces do not matter, nor how an accent is typed: the question is who, not how
/// well it is typed.
///
/// # Errors
/// `NotConfirmed`.
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
    fn only_at_the_desk_is_ones_own_person_kept() {
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
    fn the_name_confirms_whatever_its_case_and_spaces() {
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
    fn who_has_no_name_is_named_otherwise() {
        assert_eq!(confirmation(&person("", " ", Some("a@b.c"))), "a@b.c");
        assert_eq!(confirmation(&person("", "", None)), ANA.to_string());
        assert!(confirmed(&person("", "", None), "").is_err());
    }
}
