//! `GET /v1/enrollment-events`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{EVENT, found, include_of};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::jsonapi::query::{Query, Shape};
use crate::kernel::actor::Source;
use crate::resources::enrollment_events::model::{EventAction, EventFilter, event_position};
use crate::resources::enrollment_events::ops::{event_count, event_list};
use crate::resources::people::model::ByPerson;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), &EVENT, Shape::List);
    let filter = filter(&mut query);
    let sort = query.sort();
    let asked = Asked::read(&caller, &mut query, EVENT.base.to_owned(), &sort.words()).await?;

    let mut connection = caller.connection().await?;
    let page =
        event_list(&mut connection, &filter, &sort, &asked.page, include_of(&asked.projection)).await?;
    let total = asked.total(&mut connection, async |connection| event_count(connection, &filter).await);
    let total = total.await?;
    drop(connection);

    Ok(response::page(&asked.resources(page, total, |with| event_position(&sort, &with.event), found)))
}

fn filter(query: &mut Query) -> EventFilter {
    EventFilter {
        enrollments: query.ids("enrollment"),
        groups: query.ids("workspace_group"),
        workspaces: query.ids("workspace"),
        actor: query.ids_or_none("actor").map(ByPerson::new),
        actions: query.words("action", EventAction::from_word),
        sources: query.words("source", Source::from_word),
        occurred_at: query.time_range("occurred_at"),
    }
}
