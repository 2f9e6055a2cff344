//! `GET /v1/workspace-group-workspaces`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{ENROLLMENT, enrollment_resource, include_of, included_of};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::list::{collection, filter_ids, page_request};
use crate::api::reply;
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::enrollments::model::{CreatedBy, EnrollmentFilter, EnrollmentSort, EnrollmentStatus};
use crate::resources::enrollments::ops::enrollment_list;

pub async fn list(caller: Caller, RawQuery(raw): RawQuery) -> Answer<Response> {
    let query = Query::parse(raw.as_deref(), Offered { declaration: &ENROLLMENT, is_list: true })?;
    let paths = query.includes(&ENROLLMENT)?;
    let filter = filter(&query)?;
    let key = caller.state.cursor_key().await?;
    let page = page_request(&query, &ENROLLMENT, key)?;
    let sort = EnrollmentSort::default();

    let mut connection = caller.connection().await?;
    let found = enrollment_list(&mut connection, &filter, &sort, &page, include_of(&paths)).await?;
    drop(connection);

    let items = found.items.clone();
    let mut document = collection(
        found,
        &query,
        &ENROLLMENT,
        key,
        |item| sort.position(&item.enrollment),
        |item| enrollment_resource(&item.enrollment),
    );
    document.included = included_of(&paths, &document.data, &items);
    Ok(reply::ok(&document))
}

fn filter(query: &Query) -> Answer<EnrollmentFilter> {
    let created_by = match query.filter("created_by") {
        None => None,
        Some("none") => Some(CreatedBy::Nobody),
        Some(_) => Some(CreatedBy::OneOf(filter_ids(query, "created_by")?)),
    };
    let status = match query.filter("status") {
        None => EnrollmentStatus::default(),
        Some(word) => EnrollmentStatus::from_word(word).ok_or_else(|| {
            ErrorObject::invalid_parameter("filter[status]", "filter[status] is live, removed or any.")
        })?,
    };
    Ok(EnrollmentFilter {
        groups: filter_ids(query, "workspace_group")?,
        workspaces: filter_ids(query, "workspace")?,
        created_by,
        status,
    })
}
