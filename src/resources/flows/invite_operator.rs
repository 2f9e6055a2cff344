//! Adds an operator together with the person behind them.

use sqlx::PgConnection;

use crate::platform::call::{Administer, Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::operators::ops::{NewOperator, operator_create};
use crate::resources::people::model::NewPerson;
use crate::resources::people::ops::person_ensure;

/// Adds an operator, or fails with `OperatorExists`. Their person is created unless one has the e-mail address. Returns the
/// secret of the sign-in link if no password was given.
pub async fn operator_add<P: Includes<Administer> + Includes<Write>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: NewOperator,
) -> Outcome<Option<String>> {
    let person = NewPerson::from_full_name(new.name.as_str(), Some(new.email.clone()));
    let person = person_ensure(connection, call, &person, &new.email).await?;
    operator_create(connection, call, new, person.id).await
}
