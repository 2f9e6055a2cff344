//! `GET /v1/workspace-group-workspaces`

use axum::extract::RawQuery;
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::{ENROLLMENT, enrollment_found, enrollment_include};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::list::Asked;
use crate::api::response;
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::query::{Query, Shape};
use crate::kernel::page::Status;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentSortKey, Liveness, enrollment_position,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use crate::resources::people::model::ByPerson;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let mut query = Query::parse(raw.as_deref(), &ENROLLMENT, Shape::List);
    let filter = filter(&mut query, caller.now());
    let sort = query.sort().with_tie(EnrollmentSortKey::DeletedAt, EnrollmentSortKey::CreatedAt);
    let asked = Asked::read(&caller, &mut query, ENROLLMENT.base.to_owned(), &sort.words()).await?;

    let mut connection = caller.connection().await?;
    let page =
        enrollment_list(&mut connection, &filter, &sort, &asked.page, enrollment_include(&asked.projection))
            .await?;
    let total = asked.total(&mut connection, async |connection| enrollment_count(connection, &filter).await);
    let total = total.await?;
    drop(connection);

    Ok(response::page(&asked.resources(
        page,
        total,
        |with| enrollment_position(&sort, &with.enrollment),
        enrollment_found,
    )))
}

fn filter(query: &mut Query, now: DateTime<Utc>) -> EnrollmentFilter {
    let deleted_at = query.time_range("deleted_at");
    EnrollmentFilter {
        groups: query.ids("workspace_group"),
        workspaces: query.ids("workspace"),
        created_by: query.ids_or_none("created_by").map(ByPerson::new),
        liveness: liveness(query, now, !deleted_at.is_open()),
        pair_at: None,
        created_at: query.time_range("created_at"),
        updated_at: query.time_range("updated_at"),
        deleted_at,
    }
}

fn liveness(query: &mut Query, now: DateTime<Utc>, by_removal: bool) -> Liveness {
    let status = query.word("status", Status::from_word);
    let Some(moment) = query.time("as_of") else {
        let default = if by_removal { Status::Any } else { Status::Live };
        return Liveness::Now(status.unwrap_or(default));
    };
    if moment > now {
        let detail = "filter[as_of] is a moment that is not to come.";
        query.reject(ErrorObject::invalid_parameter("filter[as_of]", detail));
    }
    if query.filter("status").is_some() {
        let detail = "filter[as_of] excludes filter[status].";
        query.reject(ErrorObject::invalid_parameter("filter[status]", detail));
    }
    Liveness::AsOf(moment)
}
