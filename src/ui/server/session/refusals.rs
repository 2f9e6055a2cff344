//! What is said of a change or a look that did not succeed.

use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::messages;
use crate::ui::messages::Names;
use crate::ui::server::session::{RequestContext, status};

impl RequestContext {
    /// [`Self::trouble`] for an answer that consists of nothing else: its status tells it too.
    pub fn failed(&self, failure: Failure) -> UiError {
        let error = self.unread(failure);
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(status(error.kind));
        }
        error
    }

    /// [`Self::trouble`] of somebody who looked, and changed nothing.
    pub fn unread(&self, failure: Failure) -> UiError {
        let mut error = self.error(failure);
        if error.kind == UiErrorKind::Busy {
            messages::TOOK_TOO_LONG.clone_into(&mut error.sentence);
        }
        error
    }

    fn refusal(&self, problem: &Problem, names: &Names) -> UiError {
        messages::explain(problem, &self.formats(), names)
    }

    /// A fault becomes a log line here and a request id to the outside.
    pub fn error(&self, failure: Failure) -> UiError {
        match failure {
            Failure::Problem(problem) => self.refusal(&problem, &Names::new()),
            Failure::Unavailable(error) => {
                tracing::error!(request_id = %self.request_id, %error, "unavailable");
                UiError::new(UiErrorKind::Unavailable, messages::UNAVAILABLE.to_owned())
            }
            Failure::Conflict(error) => {
                tracing::warn!(request_id = %self.request_id, %error, "contended");
                UiError::new(UiErrorKind::Busy, messages::CONTENDED.to_owned())
            }
            Failure::Fault(error) => {
                tracing::error!(request_id = %self.request_id, %error, "fault");
                UiError::new(UiErrorKind::Fault, messages::fault(self.request_id.as_str()))
            }
        }
    }

    /// As [`Self::trouble`]. The names are read after the change was undone, and a refusal that finds none is
    /// told all the same.
    pub(super) async fn trouble_naming(&self, failure: Failure) -> UiError {
        let Failure::Problem(problem) = failure else { return self.error(failure) };
        let names = self.names_in(&problem).await.unwrap_or_default();
        self.refusal(&problem, &names)
    }

    async fn names_in(&self, problem: &Problem) -> Outcome<Names> {
        let mut names = Names::new();
        let missing = workspaces_in(problem);
        if missing.is_empty() {
            return Ok(names);
        }
        let mut connection = self.state.pool.acquire().await?;
        for id in missing {
            // One that never was has no name.
            if let Ok(workspace) = workspace_get(&mut connection, id).await {
                names.insert(id, workspace.name);
            }
        }
        Ok(names)
    }
}

/// As many as one refusal tells of.
fn workspaces_in(problem: &Problem) -> Vec<WorkspaceId> {
    if let Problem::Several(problems) = problem {
        return problems.iter().flat_map(workspaces_in).collect();
    }
    if let Problem::WorkspaceNotFound(id) = problem { vec![*id] } else { Vec::new() }
}
