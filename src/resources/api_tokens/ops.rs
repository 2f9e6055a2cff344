//! What can be done with API tokens.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::model::{ApiToken, NewApiToken, TokenHolder};
use super::store;
use crate::kernel::id::PersonId;
use crate::kernel::problem::Problem;
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::platform::secret::{self, NewToken};
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::people::ops::person_find_by_email;

/// How exactly the last use is known: at most one write a token in this time.
const LAST_USE_GRAIN: TimeDelta = TimeDelta::minutes(1);

/// Makes a token. Its text is in the answer and nowhere else.
///
/// # Errors
/// `PersonEmailUnknown`.
pub async fn api_token_create<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewApiToken,
) -> Outcome<NewToken> {
    let person = match &new.holder {
        TokenHolder::System => None,
        TokenHolder::Person(email) => Some(
            person_find_by_email(connection, email)
                .await?
                .ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?
                .id,
        ),
    };
    let token = NewToken::random();
    let id = store::insert(connection, new, person, &token, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: new.name.as_str() };
    admin_event_record(connection, call, AdminAction::TokenCreated, subject).await?;
    Ok(token)
}

/// The token of this text, if it works now.
pub async fn api_token_find(
    connection: &mut PgConnection,
    text: &str,
    now: DateTime<Utc>,
) -> Outcome<Option<ApiToken>> {
    if !text.starts_with(secret::TOKEN_PREFIX) {
        return Ok(None);
    }
    let Some(token) = store::find(connection, &secret::hash(text), now).await? else {
        return Ok(None);
    };
    if token.last_used_at.is_none_or(|last| now - last > LAST_USE_GRAIN) {
        store::set_last_used(connection, token.id, now, now - LAST_USE_GRAIN).await?;
    }
    Ok(Some(token))
}

/// The names of the tokens that act for this person and work now.
pub async fn api_token_names_of(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Outcome<Vec<String>> {
    store::names_of(connection, person, now).await
}
