//! Turns failures into errors that pages show.

use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::platform::failure::Failure;
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::messages::{self, Names};
use crate::ui::server::session::{RequestContext, status};

impl RequestContext {
    /// [`Self::read_error`] that also sets the status of the response.
    pub fn error_with_status(&self, failure: Failure) -> UiError {
        let error = self.read_error(failure);
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(status(error.kind));
        }
        error
    }

    /// [`Self::error`] of a request that changed nothing.
    pub fn read_error(&self, failure: Failure) -> UiError {
        let mut error = self.error(failure);
        if error.kind == UiErrorKind::Busy {
            messages::TOOK_TOO_LONG.clone_into(&mut error.sentence);
        }
        error
    }

    /// Logs an unexpected failure; the error contains its request id only.
    pub fn error(&self, failure: Failure) -> UiError {
        match failure {
            Failure::Problem(problem) => self.refusal(&problem, &Names::new()),
            Failure::Unavailable(error) => {
                tracing::error!(request_id = %self.request_id, %error, "unavailable");
                UiError::new(UiErrorKind::Unavailable, messages::UNAVAILABLE)
            }
            Failure::Conflict(error) => {
                tracing::warn!(request_id = %self.request_id, %error, "contended");
                UiError::new(UiErrorKind::Busy, messages::CONTENDED)
            }
            Failure::Fault(error) => {
                tracing::error!(request_id = %self.request_id, %error, "fault");
                UiError::new(UiErrorKind::Fault, messages::fault(self.request_id.as_str()))
            }
        }
    }

    /// [`Self::error`] with the names of removed workspaces, as far as they can be read after the rollback.
    pub(super) async fn error_with_names(&self, failure: Failure) -> UiError {
        let Failure::Problem(problem) = failure else { return self.error(failure) };
        let (mut names, missing) = (Names::new(), missing_workspaces(&problem));
        if !missing.is_empty()
            && let Ok(mut connection) = self.state.pool.acquire().await
        {
            for id in missing {
                if let Ok(workspace) = workspace_get(&mut connection, id).await {
                    names.insert(id, workspace.name);
                }
            }
        }
        self.refusal(&problem, &names)
    }

    fn refusal(&self, problem: &Problem, names: &Names) -> UiError {
        messages::explain(problem, &self.viewer.locale.formats(self.viewer.now), names)
    }
}

fn missing_workspaces(problem: &Problem) -> Vec<WorkspaceId> {
    if let Problem::Several(problems) = problem {
        return problems.iter().flat_map(missing_workspaces).collect();
    }
    if let Problem::WorkspaceNotFound(id) = problem { vec![*id] } else { Vec::new() }
}
