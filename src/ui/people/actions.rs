//! Changes to people.

use crate::resources::flows::delete_person;
use crate::resources::people::ops;
use crate::ui::server::forms::PersonForm;
use crate::ui::server::prelude::*;

#[server(prefix = "/api/fn", endpoint = "person-create")]
pub async fn person_create(#[server(flatten)] form: PersonForm) -> Result<(), UiError> {
    change_at(paths::NEW_PERSON, async |connection, call| {
        let created = ops::person_create(connection, call, &form.read()?).await?;
        let notice = Notice::PersonCreated { person: created.reference() };
        Ok(Changed { notice, go_to: paths::person(created.id) })
    })
    .await
}

/// Sets all fields; an empty one is cleared. `version`: of the values that the form showed.
#[server(prefix = "/api/fn", endpoint = "person-update")]
pub async fn person_update(
    person: String,
    #[server(flatten)] form: PersonForm,
    #[server(default)] version: String,
) -> Result<(), UiError> {
    change(async |connection, call| {
        let (id, version) = (form_id(&person)?, form_id(&version)?);
        let saved = ops::person_update(connection, call, id, Some(version), form.change()?).await?;
        let notice = Notice::PersonSaved { person: saved.reference() };
        Ok(Changed { notice, go_to: paths::person(id) })
    })
    .await
}

/// Deletes for good. `name`: typed to confirm which person is meant.
#[server(prefix = "/api/fn", endpoint = "person-delete")]
pub async fn person_delete(person: String, name: String) -> Result<(), UiError> {
    change(async |connection, call| {
        let (deleted, traces) =
            delete_person::person_delete_confirmed(connection, call, form_id(&person)?, &name).await?;
        let (name, enrollments) = (deleted.display_name(), traces.enrollments());
        Ok(Changed { notice: Notice::PersonDeleted { name, enrollments }, go_to: paths::PEOPLE.to_owned() })
    })
    .await
}
