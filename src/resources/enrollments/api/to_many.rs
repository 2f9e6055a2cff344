//! The workspaces in a group and the groups of a workspace: pages of live enrollments, the newest first.

use axum::extract::Path;

use super::{Enrollments, enrollment_resource, live_count};
use crate::api::error::path_id;
use crate::api::list::ListRequest;
use crate::api::{ApiResult, Caller, Readable, response};
use crate::jsonapi::query::Shape;
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::page::{Page, Position};
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, WorkspaceGroups, live_counts};
use crate::resources::workspaces::api::{WORKSPACE, Workspaces};

/// A type with a to-many relationship that enrollments form.
pub trait ToMany: Readable {
    const RELATIONSHIP: &'static str;
    /// The relationship of an enrollment that leads to it has the name of this type.
    const TARGET: &'static ResourceType;

    fn enrollments(id: Self::Id) -> EnrollmentFilter;
}

impl ToMany for WorkspaceGroups {
    const RELATIONSHIP: &'static str = "workspaces";
    const TARGET: &'static ResourceType = &WORKSPACE;

    fn enrollments(id: GroupId) -> EnrollmentFilter {
        EnrollmentFilter::in_group(id)
    }
}

impl ToMany for Workspaces {
    const RELATIONSHIP: &'static str = "workspace_groups";
    const TARGET: &'static ResourceType = &WORKSPACE_GROUP;

    fn enrollments(id: WorkspaceId) -> EnrollmentFilter {
        EnrollmentFilter::of_workspace(id)
    }
}

/// `GET /v1/<type>/{id}/<relationship>`
pub async fn resources<R: ToMany>(caller: Caller, Path(id): Path<String>) -> ApiResult {
    let (request, page, total) = page::<R>(&caller, path_id(&id, R::TYPE)?, Shape::Pages, "").await?;
    let resource = |with| Enrollments::resource(with).into_related(R::TARGET.type_name);
    response::page(&request.resources(page, total, position, resource))
}

/// `GET /v1/<type>/{id}/relationships/<relationship>`
pub async fn identifiers<R: ToMany>(caller: Caller, Path(id): Path<String>) -> ApiResult {
    let id: R::Id = path_id(&id, R::TYPE)?;
    let (request, page, total) = page::<R>(&caller, id, Shape::Identifiers, "relationships/").await?;
    let identifier =
        |with: &EnrollmentWithRelated| enrollment_resource(&with.enrollment).related(R::TARGET.type_name);
    let related = format!("{}/{id}/{}", R::TYPE.base, R::RELATIONSHIP);
    response::page(&request.identifiers(&page, total, position, identifier, related))
}

fn position(with: &EnrollmentWithRelated) -> Position {
    enrollment_position(&newest_first(), with)
}

/// The request, the page of enrollments, and their number if the request wants it.
async fn page<'a, R: ToMany>(
    caller: &'a Caller,
    id: R::Id,
    shape: Shape,
    relationships: &str,
) -> ApiResult<(ListRequest<'a>, Page<EnrollmentWithRelated>, Option<i64>)> {
    let path = format!("{}/{id}/{relationships}{}", R::TYPE.base, R::RELATIONSHIP);
    let request = ListRequest::parse(caller, caller.query(R::TARGET, shape), path, "").await?;
    let shows_resources = relationships.is_empty();
    let below = request.projection.below(R::TARGET.type_name);
    let include = if shows_resources { Enrollments::include(&below) } else { EnrollmentInclude::default() };

    let mut connection = caller.connection().await?;
    let (filter, sort) = (R::enrollments(id), newest_first());
    let mut page = enrollment_list(&mut connection, &filter, &sort, &request.page, include).await?;
    if include.group_live {
        live_counts::fill(&mut connection, page.items.iter_mut().map(live_count)).await?;
    }
    // Only an empty page may belong to a group or workspace that does not exist.
    if page.items.is_empty() {
        R::get(&mut connection, id, R::Include::default()).await?;
    }
    let total = request.total(enrollment_count(&mut connection, &filter)).await?;
    connection.hand_over();
    Ok((request, page, total))
}
