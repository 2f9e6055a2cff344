//! Every URL of the JSON:API.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use crate::api::caller::AnyWrite;
use crate::api::relationships::{change, linkage, refuse, related};
use crate::api::verbs;
use crate::platform::call::{Call, Write};
use crate::platform::state::AppState;
use crate::registry::operations;
use crate::resources::enrollment_events::api::Events;
use crate::resources::enrollments::api::{Enrollments, to_many};
use crate::resources::people::api::People;
use crate::resources::workspace_groups::api::{WorkspaceGroups as Groups, enrolling};
use crate::resources::workspaces::api::Workspaces;

/// The fallback keeps the middleware of the API in front of unknown paths below `/v1`.
pub fn api() -> Router<AppState> {
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
            get(linkage::<Enrollments>).patch(change::<Enrollments, AnyWrite>),
        )
        .route("/workspace-group-workspaces/{id}/workspace_group", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/workspace", get(related::<Enrollments>))
        .route("/workspace-group-workspaces/{id}/created_by", get(related::<Enrollments>))
        .route("/workspace-groups", get(verbs::list::<Groups>).post(verbs::create::<Groups>))
        .route(
            "/workspace-groups/{id}",
            get(verbs::retrieve::<Groups>).patch(verbs::update::<Groups>).delete(verbs::delete::<Groups>),
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
        .route("/workspaces", get(verbs::list::<Workspaces>).post(verbs::create::<Workspaces>))
        .route(
            "/workspaces/{id}",
            get(verbs::retrieve::<Workspaces>)
                .patch(verbs::update::<Workspaces>)
                .delete(verbs::delete::<Workspaces>),
        )
        .route(
            "/workspaces/{id}/relationships/workspace_groups",
            get(to_many::identifiers::<Workspaces>)
                .post(refuse::<Workspaces>)
                .patch(refuse::<Workspaces>)
                .delete(refuse::<Workspaces>),
        )
        .route("/workspaces/{id}/workspace_groups", get(to_many::resources::<Workspaces>))
        .route("/people", get(verbs::list::<People>).post(verbs::create::<People>))
        .route(
            "/people/{id}",
            get(verbs::retrieve::<People>).patch(verbs::update::<People>).delete(verbs::delete::<People>),
        )
        .route("/enrollment-events", get(verbs::list::<Events>))
        .route("/enrollment-events/{id}", get(verbs::retrieve::<Events>))
        .route("/enrollment-events/{id}/relationships/{name}", get(linkage::<Events>))
        .route("/enrollment-events/{id}/enrollment", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace_group", get(related::<Events>))
        .route("/enrollment-events/{id}/workspace", get(related::<Events>))
        .route("/enrollment-events/{id}/actor", get(related::<Events>))
        .route("/operations", post(operations::operations));
    Router::new().nest("/v1", routes.fallback(|| async { StatusCode::NOT_FOUND }))
}
