//! Reads what the page of an invitation shows.

use crate::resources::operators::model::Operator;
use crate::resources::operators::ops::operator_of_link;
use crate::ui::server::prelude::*;
use crate::ui::server::session::anonymously;

pub async fn invited_operator(secret: &str) -> Result<Operator, UiError> {
    anonymously(async |context| {
        let mut connection = context.state.pool.acquire().await?;
        operator_of_link(&mut connection, &context.anonymous(), secret).await
    })
    .await
}
