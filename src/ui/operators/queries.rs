//! Reads what the pages of operators show, for admins.

use crate::resources::operators::model::{OperatorSummary, operator_position};
use crate::resources::operators::ops::{operator_get, operator_list};
use crate::ui::server::prelude::*;

pub async fn operators() -> Result<ListPage<OperatorSummary>, UiError> {
    read_as_admin(async |connection, context, call| {
        let load = async |connection: &mut _, request: &_| operator_list(connection, call, request).await;
        list_page(connection, context, "operators", load, operator_position).await
    })
    .await
}

pub async fn operator(id: OperatorId) -> Result<OperatorSummary, UiError> {
    read_as_admin(async |connection, _, call| operator_get(connection, call, id).await).await
}
