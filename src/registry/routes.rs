//! Every URL of the JSON:API.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::api::caller::AnyWrite;
use crate::api::verbs::{change, create, delete as remove, linkage, list, refuse, related, retrieve, update};
use crate::platform::call::{Call, Write};
use crate::platform::state::AppState;
use crate::registry::operations;
use crate::resources::admin_events::api::AdminEvents;
use crate::resources::change_sets::api as many;
use crate::resources::enrollment_events::api::Events;
use crate::resources::enrollments::api::{Enrollments, to_many};
use crate::resources::people::api::People;
use crate::resources::workspace_groups::api::{WorkspaceGroups as Groups, enrolling};
use crate::resources::workspaces::api::Workspaces;

/// The fallback keeps the middleware of the API in front of unknown paths below `/v1`.
pub fn api() -> Router<AppState> {
    let routes = Router::new()
        .route("/workspace-group-workspaces", get(list::<Enrollments>).post(create::<Enrollments>))
        .route(
            "/workspace-group-workspaces/{id}",
            get(retrieve::<Enrollments>).patch(update::<Enrollments>).delete(remove::<Enrollments>),
        )
        .route(
            "/workspace-group-workspaces/{id}/relationships/{name}",
            get(linkage::<Enrollments>).patch(change::<Enrollments, AnyWrite>),
        )
        .route("/workspace-group-workspaces/{id}/workspace_group", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/workspace", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/created_by", get(related::<Enrollments>))
        .route("/workspace-groups", get(list::<Groups>).post(create::<Groups>))
        .route(
            "/workspace-groups/{id}",
            get(retrieve::<Groups>).patch(update::<Groups>).delete(remove::<Groups>),
        )
        .route(
            "/workspace-groups/{id}/relationships/created_by",
            get(linkage::<Groups>).patch(refuse::<Groups>),
        )
        .route(
            "/workspace-groups/{id}/relationships/workspaces",
            get(to_many::identifiers::<Groups>)
                .post(change::<Groups, Call<Write>>)
                .patch(refuse::<Groups>)
                .delete(change::<Groups, Call<Write>>),
        )
        .route("/workspace-groups/{id}/created_by", get(related::<Groups>))
        .route(
            "/workspace-groups/{id}/workspaces",
            get(to_many::resources::<Groups>).post(enrolling::enroll_one),
        )
        .route("/workspace-groups/{id}/workspaces/{workspace_id}", delete(enrolling::remove_one))
        .route("/workspace-groups/{id}/moves", post(many::moves))
        .route("/workspace-groups/{id}/restores", post(many::restores))
        .route("/change-sets/{id}/undo", post(many::undo))
        .route("/workspaces", get(list::<Workspaces>).post(create::<Workspaces>))
        .route(
            "/workspaces/{id}",
            get(retrieve::<Workspaces>).patch(update::<Workspaces>).delete(remove::<Workspaces>),
        )
        .route(
            "/workspaces/{id}/relationships/workspace_groups",
            get(to_many::identifiers::<Workspaces>)
                .post(refuse::<Workspaces>)
                .patch(refuse::<Workspaces>)
                .delete(refuse::<Workspaces>),
        )
        .route("/workspaces/{id}/workspace_groups", get(to_many::resources::<Workspaces>))
        .route("/people", get(list::<People>).post(create::<People>))
        .route("/people/{id}", get(retrieve::<People>).patch(update::<People>).delete(remove::<People>))
        .route("/enrollment-events", get(list::<Events>))
        .route("/enrollment-events/{id}", get(retrieve::<Events>))
        .route("/enrollment-events/{id}/relationships/{name}", get(linkage::<Events>))
        .route("/enrollment-events/{id}/enrollment", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace_group", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace", get(related::<Events>))
        .route("/enrollment-events/{id}/actor", get(related::<Events>))
        .route("/admin-events", get(list::<AdminEvents>))
        .route("/admin-events/{id}", get(retrieve::<AdminEvents>))
        .route("/admin-events/{id}/relationships/{name}", get(linkage::<AdminEvents>))
        .route("/admin-events/{id}/actor", get(related::<AdminEvents>))
        .route("/operations", post(operations::operations));
    Router::new().nest("/v1", routes.fallback(|| async { StatusCode::NOT_FOUND }))
}
