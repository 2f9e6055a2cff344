//! Parses the fields of forms. All invalid fields are reported at once.

use std::str::FromStr;

use crate::kernel::patch::Patch;
use crate::kernel::problem::{Field, InvalidField, Problem};
use crate::kernel::text::{Description, Email, Name, NamePart, ShortText, TextFault, cleaned};
use crate::resources::people::model::{NewPerson, PersonChange, is_named};
use crate::resources::workspaces::model::{NewWorkspace, WorkspaceChange};

/// # Errors
/// `FormMalformed`: the forms of the pages contain ids only.
pub fn form_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::FormMalformed)
}

/// Collects the faults of all fields.
#[derive(Default)]
struct Reader {
    invalid: Vec<InvalidField>,
}

impl Reader {
    fn read<T>(&mut self, field: Field, text: &str, parse: fn(&str) -> Result<T, TextFault>) -> Option<T> {
        parse(text).map_err(|fault| self.invalid.push(InvalidField { field, fault })).ok()
    }

    /// A field that may be left empty.
    fn optional<T>(
        &mut self,
        field: Field,
        text: &str,
        parse: fn(&str) -> Result<T, TextFault>,
    ) -> Option<T> {
        if cleaned(text).is_empty() { None } else { self.read(field, text, parse) }
    }

    fn done<T>(self, read: Option<T>) -> Result<T, Problem> {
        match read {
            Some(read) if self.invalid.is_empty() => Ok(read),
            Some(_) | None => Err(Problem::Invalid(self.invalid)),
        }
    }
}

pub struct WorkspaceForm<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub external_workspace_id: &'a str,
    pub avatar_color: &'a str,
}

impl WorkspaceForm<'_> {
    pub fn read(&self) -> Result<NewWorkspace, Problem> {
        let mut reader = Reader::default();
        let name = reader.read(Field::Name, self.name, Name::parse);
        // Browsers send `\r\n`.
        let description = self.description.replace("\r\n", "\n");
        let description = reader.optional(Field::Description, &description, Description::parse);
        let external_workspace_id =
            reader.optional(Field::ExternalWorkspaceId, self.external_workspace_id, ShortText::parse);
        let avatar_color = reader.optional(Field::AvatarColor, self.avatar_color, ShortText::parse);
        let read = name.map(|name| NewWorkspace { name, description, external_workspace_id, avatar_color });
        reader.done(read)
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

pub struct PersonForm<'a> {
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: &'a str,
}

impl PersonForm<'_> {
    fn parts(&self) -> Result<(NamePart, NamePart, Option<Email>), Problem> {
        let mut reader = Reader::default();
        let first_name = reader.read(Field::FirstName, self.first_name, NamePart::parse);
        let last_name = reader.read(Field::LastName, self.last_name, NamePart::parse);
        let email = reader.optional(Field::Email, self.email, Email::parse);
        let names = first_name.zip(last_name);
        if names.as_ref().is_some_and(|(first, last)| !is_named(first.as_str(), last.as_str())) {
            reader.invalid.push(InvalidField { field: Field::FirstName, fault: TextFault::Nameless });
        }
        reader.done(names.map(|(first_name, last_name)| (first_name, last_name, email)))
    }

    pub fn read(&self) -> Result<NewPerson, Problem> {
        let (first_name, last_name, email) = self.parts()?;
        Ok(NewPerson {
            first_name: first_name.as_str().to_owned(),
            last_name: last_name.as_str().to_owned(),
            email,
        })
    }

    pub fn change(&self) -> Result<PersonChange, Problem> {
        let (first_name, last_name, email) = self.parts()?;
        Ok(PersonChange { first_name: Some(first_name), last_name: Some(last_name), email: patch(email) })
    }
}
