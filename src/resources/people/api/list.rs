//! `GET /v1/people`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{PEOPLE, person_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::list::{collection, page_request};
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::people::model::Person;
use crate::resources::people::ops::person_list;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let query = Query::parse(raw.as_deref(), Offered { declaration: &PEOPLE, is_list: true })?;
    query.includes(&PEOPLE)?;
    let key = caller.state.cursor_key().await?;
    let page = page_request(&query, &PEOPLE, key)?;

    let mut connection = caller.connection().await?;
    let found = person_list(&mut connection, &page).await?;

    Ok(reply::ok(&collection(found, &query, &PEOPLE, key, Person::position, person_resource)))
}
