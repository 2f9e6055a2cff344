//! Parses the fields of forms. All invalid fields are reported at once.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::patch::Patch;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Description, Email, Name, NamePart, ShortText, TextFault, cleaned};
use crate::resources::people::model::{NewPerson, PersonChange, is_named};
use crate::resources::workspaces::model::{NewWorkspace, WorkspaceChange};

/// Parses an id or a word that the page filled in; anything else is `FormMalformed`.
pub fn form_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::FormMalformed)
}

pub fn field<T>(field: Field, text: &str, parse: fn(&str) -> Result<T, TextFault>) -> Result<T, Problem> {
    parse(text).map_err(|fault| Problem::invalid(field, fault))
}

/// [`field`] for one that may be left empty.
fn optional<T>(
    name: Field,
    text: &str,
    parse: fn(&str) -> Result<T, TextFault>,
) -> Result<Option<T>, Problem> {
    if cleaned(text).is_empty() { Ok(None) } else { field(name, text, parse).map(Some) }
}

/// Two values, or the problems of both.
pub fn both<A, B>(first: Result<A, Problem>, second: Result<B, Problem>) -> Result<(A, B), Problem> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (first, second) => Err(Problem::gathered(first.err().into_iter().chain(second.err()).collect())),
    }
}

/// The fields of a workspace. A field that is not sent is empty, except for the name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkspaceForm {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    external_workspace_id: String,
    #[serde(default)]
    avatar_color: String,
}

impl WorkspaceForm {
    pub fn read(&self) -> Result<NewWorkspace, Problem> {
        // Browsers send `\r\n`.
        let description = self.description.replace("\r\n", "\n");
        let ((name, description), (external_workspace_id, avatar_color)) = both(
            both(
                field(Field::Name, &self.name, Name::parse),
                optional(Field::Description, &description, Description::parse),
            ),
            both(
                optional(Field::ExternalWorkspaceId, &self.external_workspace_id, ShortText::parse),
                optional(Field::AvatarColor, &self.avatar_color, ShortText::parse),
            ),
        )?;
        Ok(NewWorkspace { name, description, external_workspace_id, avatar_color })
    }

    /// An empty field clears the value.
    pub fn change(&self) -> Result<WorkspaceChange, Problem> {
        let NewWorkspace { name, description, external_workspace_id, avatar_color } = self.read()?;
        Ok(WorkspaceChange {
            name: Some(name),
            description: patch(description),
            external_workspace_id: patch(external_workspace_id),
            avatar_color: patch(avatar_color),
        })
    }
}

fn patch<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Null, Patch::Set)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonForm {
    first_name: String,
    last_name: String,
    #[serde(default)]
    email: String,
}

impl PersonForm {
    fn parts(&self) -> Result<((NamePart, NamePart), Option<Email>), Problem> {
        let names = both(
            field(Field::FirstName, &self.first_name, NamePart::parse),
            field(Field::LastName, &self.last_name, NamePart::parse),
        );
        let is_nameless = names.as_ref().is_ok_and(|(first, last)| !is_named(first.as_str(), last.as_str()));
        let problem = Problem::invalid(Field::FirstName, TextFault::Nameless);
        let checked = if is_nameless { Err(problem) } else { Ok(()) };
        let parts = both(names, optional(Field::Email, &self.email, Email::parse));
        both(parts, checked).map(|(parts, ())| parts)
    }

    pub fn read(&self) -> Result<NewPerson, Problem> {
        let ((first_name, last_name), email) = self.parts()?;
        Ok(NewPerson { first_name: first_name.to_string(), last_name: last_name.to_string(), email })
    }

    pub fn change(&self) -> Result<PersonChange, Problem> {
        let ((first_name, last_name), email) = self.parts()?;
        Ok(PersonChange { first_name: Some(first_name), last_name: Some(last_name), email: patch(email) })
    }
}
