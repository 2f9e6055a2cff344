//! The to-many relationships that enrollments form: the workspaces in a group, and the groups of a workspace. Both are
//! pages of live enrollments, the newest first.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use crate::api::error::path_id;
use crate::api::list::ListRequest;
use crate::api::{ApiResult, Caller, Loaded, Readable, response};
use crate::jsonapi::document::Identifier;
use crate::jsonapi::query::{Query, Shape};
use crate::jsonapi::resource_type::ResourceType;
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::page::Page;
use crate::resources::enrollments::model::{
    EnrollmentFilter, EnrollmentInclude, EnrollmentWithRelated, enrollment_position, newest_first,
};
use crate::resources::enrollments::ops::{enrollment_count, enrollment_list};
use crate::resources::workspace_groups::api::{WORKSPACE_GROUP, group_related};
use crate::resources::workspace_groups::ops::group_get;
use crate::resources::workspaces::api::{WORKSPACE, Workspaces};
use crate::resources::workspaces::ops::workspace_get;

/// `GET /v1/workspace-groups/{id}/workspaces`
pub async fn workspaces(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    resources(&caller, Members::WorkspacesIn(path_id(&id, &WORKSPACE_GROUP)?), raw.as_deref()).await
}

/// `GET /v1/workspace-groups/{id}/relationships/workspaces`
pub async fn workspace_linkage(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    identifiers(&caller, Members::WorkspacesIn(path_id(&id, &WORKSPACE_GROUP)?), raw.as_deref()).await
}

/// `GET /v1/workspaces/{id}/workspace_groups`
pub async fn workspace_groups(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    resources(&caller, Members::GroupsOf(path_id(&id, &WORKSPACE)?), raw.as_deref()).await
}

/// `GET /v1/workspaces/{id}/relationships/workspace_groups`
pub async fn workspace_group_linkage(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> ApiResult<Response> {
    identifiers(&caller, Members::GroupsOf(path_id(&id, &WORKSPACE)?), raw.as_deref()).await
}

#[derive(Debug, Clone, Copy)]
enum Members {
    WorkspacesIn(GroupId),
    GroupsOf(WorkspaceId),
}

impl Members {
    /// The path of the resource that has the members, the name of the relationship, and the type of the members.
    fn relationship(self) -> (String, &'static str, &'static ResourceType) {
        match self {
            Self::WorkspacesIn(group) => {
                (format!("{}/{group}", WORKSPACE_GROUP.base), "workspaces", &WORKSPACE)
            }
            Self::GroupsOf(workspace) => {
                (format!("{}/{workspace}", WORKSPACE.base), "workspace_groups", &WORKSPACE_GROUP)
            }
        }
    }

    fn filter(self) -> EnrollmentFilter {
        match self {
            Self::WorkspacesIn(group) => EnrollmentFilter::in_group(group),
            Self::GroupsOf(workspace) => EnrollmentFilter::of_workspace(workspace),
        }
    }

    fn include(self, creator: bool) -> EnrollmentInclude {
        let none = EnrollmentInclude::default();
        match self {
            Self::WorkspacesIn(_) => EnrollmentInclude { workspace: true, ..none },
            Self::GroupsOf(_) => EnrollmentInclude { group: true, group_created_by: creator, ..none },
        }
    }

    fn resource(self, with: EnrollmentWithRelated) -> Option<Loaded> {
        match self {
            Self::WorkspacesIn(_) => with.workspace.map(Workspaces::resource),
            Self::GroupsOf(_) => group_related(with.group, with.group_created_by),
        }
    }

    fn identifier(self, with: &EnrollmentWithRelated) -> Identifier {
        match self {
            Self::WorkspacesIn(_) => WORKSPACE.identifier(with.enrollment.workspace.uuid()),
            Self::GroupsOf(_) => WORKSPACE_GROUP.identifier(with.enrollment.group.uuid()),
        }
    }

    /// A page of the enrollments, and their number if the request wants it. Only if the page is empty, a second
    /// statement checks that the group or workspace exists.
    async fn page(
        self,
        caller: &Caller,
        request: &ListRequest<'_>,
        include: EnrollmentInclude,
    ) -> ApiResult<(Page<EnrollmentWithRelated>, Option<i64>)> {
        let mut connection = caller.connection().await?;
        let filter = self.filter();
        let page = enrollment_list(&mut connection, &filter, &newest_first(), &request.page, include).await?;
        if page.items.is_empty() {
            match self {
                Self::WorkspacesIn(group) => drop(group_get(&mut connection, group, false).await?),
                Self::GroupsOf(workspace) => drop(workspace_get(&mut connection, workspace).await?),
            }
        }
        let total = request.total(enrollment_count(&mut connection, &filter)).await?;
        Ok((page, total))
    }
}

async fn resources(caller: &Caller, members: Members, raw: Option<&str>) -> ApiResult<Response> {
    let (path, name, target) = members.relationship();
    let query = Query::parse(raw, target, Shape::Pages);
    let request = ListRequest::parse(caller, query, format!("{path}/{name}"), "").await?;
    let include = members.include(request.projection.includes("created_by"));
    let (page, total) = members.page(caller, &request, include).await?;
    let sort = newest_first();
    let position = |with: &EnrollmentWithRelated| enrollment_position(&sort, &with.enrollment);
    response::page(&request.resources(page, total, position, |with| members.resource(with)))
}

async fn identifiers(caller: &Caller, members: Members, raw: Option<&str>) -> ApiResult<Response> {
    let (path, name, target) = members.relationship();
    let query = Query::parse(raw, target, Shape::Identifiers);
    let request = ListRequest::parse(caller, query, format!("{path}/relationships/{name}"), "").await?;
    let (page, total) = members.page(caller, &request, EnrollmentInclude::default()).await?;
    let sort = newest_first();
    let position = |with: &EnrollmentWithRelated| enrollment_position(&sort, &with.enrollment);
    let identifier = |with: &EnrollmentWithRelated| members.identifier(with);
    let related = format!("{path}/{name}");
    response::page(&request.identifiers(&page, total, position, identifier, related))
}
