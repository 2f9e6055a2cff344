//! Changes of many enrollments at once: undoing a change set, moving workspaces, restoring a group. Requests and responses
//! are documents with `meta`, because what they describe is an action and not a resource. Each request is one change set.

use axum::extract::Path;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::error::{located, path_id};
use crate::api::{ApiResult, Caller, Document, error_code, response};
use crate::jsonapi::document::Implementation;
use crate::jsonapi::error::{ErrorObject, validation};
use crate::jsonapi::linkage::{NO_LIDS, identifiers, parse_id};
use crate::jsonapi::media_type::JSON_API;
use crate::kernel::id::{ChangeSetId, GroupId, WorkspaceId};
use crate::kernel::problem::Problem;
use crate::platform::call::{Call, Write};
use crate::resources::change_sets::model::UndoVerdict;
use crate::resources::change_sets::ops::{change_set_get, change_set_undo_plan};
use crate::resources::enrollments::api::ENROLLMENT;
use crate::resources::enrollments::ops::enrollment_of_workspaces;
use crate::resources::flows::moves::enrollment_move;
use crate::resources::flows::restore::{group_restore, restore_plan};
use crate::resources::flows::undo::{SeenPlan, change_set_undo};
use crate::resources::workspace_groups::api::WORKSPACE_GROUP;
use crate::resources::workspaces::api::WORKSPACE;

#[derive(Serialize)]
struct Done {
    jsonapi: Implementation,
    meta: Value,
}

fn done(meta: Value) -> ApiResult {
    response::document(&Done { jsonapi: Implementation::PLAIN, meta }, JSON_API)
}

/// The members of `meta` in a request.
struct Wish(Map<String, Value>);

impl Wish {
    fn flag(&self, name: &str) -> Result<bool, ErrorObject> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(is_set)) => Ok(*is_set),
            Some(_) => Err(validation(format!("/meta/{name}"), format!("{name} must be true or false."))),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&str>, ErrorObject> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(validation(format!("/meta/{name}"), format!("{name} must be a string."))),
        }
    }

    fn required(&self, name: &str) -> Result<&str, ErrorObject> {
        self.text(name)?.ok_or_else(|| validation("/meta", format!("meta.{name} is required.")))
    }

    /// What a preview returned as `plan`: the history and the version of what it showed.
    fn seen(&self) -> Result<Option<SeenPlan>, ErrorObject> {
        let Some(text) = self.text("plan")? else { return Ok(None) };
        let parsed = text.split_once('.').and_then(|(history, version)| {
            Some(SeenPlan { history: history.parse().ok()?, version: version.parse().ok()? })
        });
        let malformed = || validation("/meta/plan", "plan must be that of a preview.");
        parsed.map(Some).ok_or_else(malformed)
    }
}

/// `POST /v1/change-sets/{id}/undo`: reverses what a change set did, or with `dry_run` says what that would do.
pub async fn undo(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    document: Document,
) -> ApiResult {
    caller.no_parameters(&ENROLLMENT)?;
    let missing = || error_code::NOT_FOUND.error("No change set with this id exists.");
    let id: ChangeSetId = id.parse().map_err(|_| missing())?;
    let (meta, note) = document.meta()?;
    let (wish, call) = (Wish(meta), call.with_note(note));
    let (is_preview, seen) = (wish.flag("dry_run")?, wish.seen()?);

    let mut transaction = caller.transaction().await?;
    if is_preview {
        change_set_get(&mut transaction, id).await?;
        let plan = change_set_undo_plan(&mut transaction, id).await?;
        let number = |verdict| plan.count(verdict);
        return done(json!({
            "enroll": number(UndoVerdict::Enroll),
            "remove": number(UndoVerdict::Remove),
            "enrolled_since": number(UndoVerdict::EnrolledSince),
            "removed_since": number(UndoVerdict::RemovedSince),
            "changed_since": number(UndoVerdict::ChangedSince),
            "gone": number(UndoVerdict::Gone),
            "plan": format!("{}.{}", plan.history, plan.version()),
        }));
    }
    let summary = change_set_undo(&mut transaction, &call, id, seen).await?;
    transaction.commit().await?;
    done(json!({
        "change_set_id": call.change_set.to_string(),
        "enrolled": summary.enrolled,
        "removed": summary.removed,
        "left_alone": summary.left_alone,
    }))
}

/// `POST /v1/workspace-groups/{id}/moves`: moves the workspaces that `data` names to the group `meta.to`, or copies them
/// with `meta.keep`.
pub async fn moves(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    document: Document,
) -> ApiResult {
    caller.no_parameters(&WORKSPACE_GROUP)?;
    let from: GroupId = path_id(&id, &WORKSPACE_GROUP)?;
    let (meta, note) = document.meta()?;
    let (data, _) = document.data()?;
    let (wish, call) = (Wish(meta), call.with_note(note));
    let to: GroupId = parse_id(wish.required("to")?, "/meta/to", WORKSPACE_GROUP.not_found)?;
    let keeps = wish.flag("keep")?;
    let parse = |id: String, pointer: &str| parse_id(&id, pointer, WORKSPACE.not_found);
    let workspaces: Vec<WorkspaceId> = identifiers(&data, WORKSPACE.type_name, "/data", &NO_LIDS, parse)?;

    let mut transaction = caller.transaction().await?;
    let members = enrollment_of_workspaces(&mut transaction, from, &workspaces).await;
    let enrollments = located(members, |problem| match problem {
        Problem::NotEnrolled { workspace, .. } => {
            let index = workspaces.iter().position(|id| id == workspace)?;
            Some(format!("/data/{index}/id"))
        }
        _ => None,
    })?;
    let moved = enrollment_move(&mut transaction, &call, (from, to), &enrollments, keeps).await;
    let of_destination = |problem: &Problem| {
        matches!(problem, Problem::GroupNotFound(id) if *id == to) || *problem == Problem::SameGroup
    };
    let moved = located(moved, |problem| of_destination(problem).then(|| "/meta/to".to_owned()))?;
    transaction.commit().await?;
    done(json!({
        "change_set_id": moved.is_change().then(|| call.change_set.to_string()),
        "workspaces": moved.workspaces,
        "already": moved.already,
    }))
}

/// `POST /v1/workspace-groups/{id}/restores`: makes the group contain what it contained at `meta.as_of`, or with `dry_run`
/// says what that would do.
pub async fn restores(
    caller: Caller,
    call: Call<Write>,
    Path(id): Path<String>,
    document: Document,
) -> ApiResult {
    caller.no_parameters(&WORKSPACE_GROUP)?;
    let group: GroupId = path_id(&id, &WORKSPACE_GROUP)?;
    let (meta, note) = document.meta()?;
    let (wish, call) = (Wish(meta), call.with_note(note));
    let as_of: DateTime<Utc> = wish.required("as_of")?.parse().map_err(|_| {
        validation("/meta/as_of", "as_of must be a time of RFC 3339, for example 2026-05-28T09:15:00Z.")
    })?;
    let (is_preview, seen) = (wish.flag("dry_run")?, wish.seen()?);

    let mut transaction = caller.transaction().await?;
    if is_preview {
        let plan = restore_plan(&mut transaction, group, as_of, caller.now).await?;
        let counts = plan.counts;
        return done(json!({
            "enroll": counts.enroll,
            "remove": counts.remove,
            "unchanged": counts.unchanged,
            "gone": counts.gone,
            "plan": format!("{}.{}", plan.history, plan.version()),
        }));
    }
    let counts = group_restore(&mut transaction, &call, (group, as_of), seen).await?.counts;
    transaction.commit().await?;
    done(json!({
        "change_set_id": (counts.enroll + counts.remove > 0).then(|| call.change_set.to_string()),
        "enrolled": counts.enroll,
        "removed": counts.remove,
        "unchanged": counts.unchanged,
        "gone": counts.gone,
    }))
}
