//! Reads what the pages of API tokens show, for admins.

use crate::resources::api_tokens::model::{TokenSummary, token_position};
use crate::resources::api_tokens::ops::{api_token_get, api_token_list};
use crate::ui::server::prelude::*;

pub async fn tokens() -> Result<ListPage<TokenSummary>, UiError> {
    read_as_admin(async |connection, context, call| {
        let load = async |connection: &mut _, request: &_| api_token_list(connection, call, request).await;
        list_page(connection, context, "tokens", load, token_position).await
    })
    .await
}

pub async fn token(id: TokenId) -> Result<TokenSummary, UiError> {
    read_as_admin(async |connection, _, call| api_token_get(connection, call, id).await).await
}
