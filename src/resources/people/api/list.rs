//! `GET /v1/people`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{PEOPLE, person_resource};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::api::response::Loaded;
use crate::jsonapi::query::{Query, Shape};
use crate::resources::people::model::{PersonFilter, person_position};
use crate::resources::people::ops::{person_count, person_list};

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), &PEOPLE, Shape::List);
    let filter = PersonFilter {
        search: query.filter("q").map(str::to_owned),
        email: query.filter("email").map(str::to_owned),
    };
    let sort = query.sort();
    let asked = Asked::read(&caller, &mut query, PEOPLE.base.to_owned(), &sort.words()).await?;

    let mut connection = caller.connection().await?;
    let page = person_list(&mut connection, &filter, &sort, &asked.page).await?;
    let total = asked.total(&mut connection, async |connection| person_count(connection, &filter).await);
    let total = total.await?;
    drop(connection);

    Ok(response::page(&asked.resources(
        page,
        total,
        |person| person_position(&sort, person),
        |person| Loaded::alone(person_resource(person)),
    )))
}
