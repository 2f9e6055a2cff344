//! What is said of a change or a look that did not succeed.

use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{Visit, kind, status};
use crate::kernel::id::WorkspaceId;
use crate::kernel::problem::Problem;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::workspaces::ops::workspace_get;
use crate::ui::faults::field_faults;
use crate::ui::message::{self, Names};
use crate::ui::trouble::{Trouble, TroubleKind};

impl Visit {
    /// [`Self::trouble`] for an answer that consists of nothing else: its status tells it too.
    pub fn failed(&self, failure: Failure) -> Trouble {
        let trouble = self.unread(failure);
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(status(trouble.kind));
        }
        trouble
    }

    /// [`Self::trouble`] of somebody who looked, and changed nothing.
    pub fn unread(&self, failure: Failure) -> Trouble {
        let mut trouble = self.trouble(failure);
        if trouble.kind == TroubleKind::Busy {
            message::TOOK_TOO_LONG.clone_into(&mut trouble.sentence);
        }
        trouble
    }

    fn refusal(&self, problem: &Problem, names: &Names) -> Trouble {
        let formats = self.formats();
        Trouble {
            kind: kind(problem),
            sentence: message::sentence_naming(problem, &formats, names),
            fields: field_faults(problem, &formats),
            about: message::about(problem),
        }
    }

    /// A fault becomes a log line here and a request id to the outside.
    pub fn trouble(&self, failure: Failure) -> Trouble {
        match failure {
            Failure::Problem(problem) => self.refusal(&problem, &Names::new()),
            Failure::Unavailable(error) => {
                tracing::error!(request_id = %self.request_id, %error, "unavailable");
                Trouble::new(TroubleKind::Unavailable, message::UNAVAILABLE.to_owned())
            }
            Failure::Contended(error) => {
                tracing::warn!(request_id = %self.request_id, %error, "contended");
                Trouble::new(TroubleKind::Busy, message::CONTENDED.to_owned())
            }
            Failure::Fault(error) => {
                tracing::error!(request_id = %self.request_id, %error, "fault");
                Trouble::new(TroubleKind::Fault, message::fault(self.request_id.as_str()))
            }
        }
    }

    /// As [`Self::trouble`]. The names are read after the change was undone, and a refusal that finds none is
    /// told all the same.
    pub(super) async fn trouble_naming(&self, failure: Failure) -> Trouble {
        let Failure::Problem(problem) = failure else { return self.trouble(failure) };
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
