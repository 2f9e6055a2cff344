//! Of API tokens, for admins.

use leptos::prelude::*;

use crate::kernel::id::TokenId;
use crate::resources::api_tokens::model::TokenSummary;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// All tokens, newest first.
#[server(prefix = "/api/fn", endpoint = "tokens-read")]
pub async fn tokens_read(
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<TokenSummary>, UiError> {
    use crate::resources::api_tokens::model::token_position;
    use crate::resources::api_tokens::ops::api_token_list;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read_as_admin;
    read_as_admin(async |connection, visit, call| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "tokens", after.as_deref(), before.as_deref())?;
        let page = api_token_list(connection, call, &request).await?;
        Ok(list_page(page, key, "tokens", token_position))
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "token-read")]
pub async fn token_read(token: TokenId) -> Result<TokenSummary, UiError> {
    use crate::resources::api_tokens::ops::api_token_get;
    use crate::ui::server::session::read_as_admin;
    read_as_admin(async |connection, _, call| api_token_get(connection, call, token).await).await
}

/// `holder`: `person`, of that e-mail address, or `system`; `expiry`: a number of days, `day`, which is
/// then the last one, or `never`.
#[server(prefix = "/api/fn", endpoint = "token-create")]
pub async fn token_create(
    #[server(default)] name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] holder: String,
    #[server(default)] person: String,
    #[server(default)] expiry: String,
    #[server(default)] day: String,
) -> Result<(), UiError> {
    use crate::resources::api_tokens::ops::api_token_create;
    use crate::ui::flash::{Notice, Once};
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    use crate::ui::tokens::form::TokenForm;
    let form = TokenForm { name, scopes, holder, person, expiry, day };
    administer_at(paths::NEW_TOKEN, async |connection, visit, call| {
        let new = form.read(visit)?;
        let token = api_token_create(connection, call, &new).await?;
        let notice = Notice::TokenCreated { name: new.name.to_string(), text: Once(token.text) };
        Ok(Changed { notice, go_to: paths::TOKENS.to_owned() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "token-revoke")]
pub async fn token_revoke(token: String) -> Result<(), UiError> {
    use crate::resources::api_tokens::ops::api_token_revoke;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, administer_at};
    administer_at(paths::TOKENS, async |connection, _, call| {
        let revoked = api_token_revoke(connection, call, form_id(&token)?).await?;
        let notice = Notice::TokenRevoked { name: revoked.name };
        Ok(Changed { notice, go_to: paths::TOKENS.to_owned() })
    })
    .await
}
