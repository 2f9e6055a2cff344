//! Every URL of the JSON:API.

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::api::relationships::{linkage, refuse, related, retrieve};
use crate::api::{Caller, verbs};
use crate::platform::state::AppState;
use crate::registry::operations;
use crate::resources::admin_events::api::AdminEvents;
use crate::resources::enrollment_events::api::Events;
use crate::resources::enrollments::api::{Enrollments, creator, members};
use crate::resources::people::api::People;
use crate::resources::workspace_groups::api::{WorkspaceGroups as Groups, legacy_membership, membership};
use crate::resources::workspaces::api::Workspaces;

/// The fallback keeps the middleware of the API in front of unknown paths below `/v1`.
pub fn api() -> Router<AppState> {
    let created_by = |caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery| async move {
        linkage::<Groups>(&caller, &id, "created_by", raw.as_deref()).await
    };
    let routes = Router::new()
        .route(
            "/workspace-group-workspaces",
            get(verbs::list::<Enrollments>).post(verbs::create::<Enrollments>),
        )
        .route(
            "/workspace-group-workspaces/{id}",
            get(verbs::retrieve::<Enrollments>)
                .patch(verbs::update::<Enrollments>)
                .delete(verbs::delete::<Enrollments>),
        )
        .route(
            "/workspace-group-workspaces/{id}/relationships/{name}",
            get(retrieve::<Enrollments>).patch(creator::update),
        )
        .route("/workspace-group-workspaces/{id}/workspace_group", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/workspace", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/created_by", get(related::<Enrollments>))
        .route("/workspace-groups", get(verbs::list::<Groups>).post(verbs::create::<Groups>))
        .route(
            "/workspace-groups/{id}",
            get(verbs::retrieve::<Groups>).patch(verbs::update::<Groups>).delete(verbs::delete::<Groups>),
        )
        .route("/workspace-groups/{id}/relationships/created_by", get(created_by).patch(refuse::<Groups>))
        .route(
            "/workspace-groups/{id}/relationships/workspaces",
            get(members::workspace_linkage)
                .post(membership::add_or_remove)
                .patch(refuse::<Groups>)
                .delete(membership::add_or_remove),
        )
        .route("/workspace-groups/{id}/created_by", get(related::<Groups>))
        .route("/workspace-groups/{id}/workspaces", get(members::workspaces).post(legacy_membership::enroll))
        .route("/workspace-groups/{id}/workspaces/{workspace_id}", delete(legacy_membership::remove))
        .route("/workspaces", get(verbs::list::<Workspaces>).post(verbs::create::<Workspaces>))
        .route(
            "/workspaces/{id}",
            get(verbs::retrieve::<Workspaces>)
                .patch(verbs::update::<Workspaces>)
                .delete(verbs::delete::<Workspaces>),
        )
        .route(
            "/workspaces/{id}/relationships/workspace_groups",
            get(members::workspace_group_linkage)
                .post(refuse::<Workspaces>)
                .patch(refuse::<Workspaces>)
                .delete(refuse::<Workspaces>),
        )
        .route("/workspaces/{id}/workspace_groups", get(members::workspace_groups))
        .route("/people", get(verbs::list::<People>).post(verbs::create::<People>))
        .route(
            "/people/{id}",
            get(verbs::retrieve::<People>).patch(verbs::update::<People>).delete(verbs::delete::<People>),
        )
        .route("/enrollment-events", get(verbs::list::<Events>))
        .route("/enrollment-events/{id}", get(verbs::retrieve::<Events>))
        .route("/enrollment-events/{id}/relationships/{name}", get(retrieve::<Events>))
        .route("/enrollment-events/{id}/enrollment", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace_group", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace", get(related::<Events>))
        .route("/enrollment-events/{id}/actor", get(related::<Events>))
        .route("/admin-events", get(verbs::list::<AdminEvents>))
        .route("/admin-events/{id}", get(verbs::retrieve::<AdminEvents>))
        .route("/admin-events/{id}/relationships/{name}", get(retrieve::<AdminEvents>))
        .route("/admin-events/{id}/actor", get(related::<AdminEvents>))
        .route("/operations", post(operations::operations));
    Router::new().nest("/v1", routes.fallback(|| async { StatusCode::NOT_FOUND }))
}
