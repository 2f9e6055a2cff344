//! Operations on API tokens.

use sqlx::PgConnection;

use super::model::{NewApiToken, TokenSummary};
use super::store;
pub use super::store::{
    api_token_find, api_token_get, api_token_list, api_tokens_of, api_tokens_set_last_used,
};
use crate::kernel::id::TokenId;
use crate::kernel::problem::Problem;
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::failure::Outcome;
use crate::platform::secret::NewToken;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::people::ops::person_find_by_email;

/// Creates a token. Only the result has its text. Fails with `PersonEmailUnknown`.
pub async fn api_token_create<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    new: &NewApiToken,
) -> Outcome<NewToken> {
    let mut person = None;
    if let Some(email) = &new.person {
        let holder = person_find_by_email(connection, email).await?;
        person = Some(holder.ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?.id);
    }
    let token = NewToken::random();
    let id = store::insert(connection, new, person, &token, call.now).await?;
    let subject = Subject { id: Some(id.uuid()), name: new.name.as_str() };
    admin_event_record(connection, call, AdminAction::TokenCreated, subject).await?;
    Ok(token)
}

/// Revoking again has no effect. Returns the token as it was before. Fails with `TokenNotFound`.
pub async fn api_token_revoke<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: TokenId,
) -> Outcome<TokenSummary> {
    let token = api_token_get(connection, call, id).await?;
    // Of two concurrent calls only one is logged.
    if store::revoke(connection, id, call.now).await? {
        let subject = Subject { id: Some(id.uuid()), name: &token.name };
        admin_event_record(connection, call, AdminAction::TokenRevoked, subject).await?;
    }
    Ok(token)
}
