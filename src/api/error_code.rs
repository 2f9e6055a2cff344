//! The error codes of the product, together with those of the standard.

use std::sync::LazyLock;

use crate::jsonapi::error_code;
pub use crate::jsonapi::error_code::*;

error_codes! {
    404 WORKSPACE_GROUP_WORKSPACE_NOT_FOUND "Not found"
        "The enrollment does not exist, or the workspace is not in the group.";
    404 WORKSPACE_GROUP_NOT_FOUND "Not found"
        "The workspace group does not exist; its id is in the path or in the body.";
    404 WORKSPACE_NOT_FOUND "Not found"
        "The workspace does not exist; its id is in the path or in the body.";
    404 PEOPLE_NOT_FOUND "Not found"
        "The person does not exist; their id is in the path or in the body.";
    409 WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS "Already enrolled"
        "The workspace already has a live enrollment in the group; `links.about` is its URL.";
    409 GROUP_HAS_LIVE_ENROLLMENTS "Has live enrollments"
        "The group has live enrollments; `meta.live_enrollments` is their number.";
    409 WORKSPACE_HAS_LIVE_ENROLLMENTS "Has live enrollments"
        "The workspace has live enrollments; `meta.live_enrollments` is their number.";
    409 EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS "External workspace id already exists"
        "Another workspace, which may be removed, has this external id; `links.about` is its URL.";
    409 EMAIL_ALREADY_EXISTS "E-mail address already exists"
        "Another person has this e-mail address; `links.about` is their URL.";
    409 IDEMPOTENCY_KEY_IN_USE "Idempotency key in use"
        "The first request with this `Idempotency-Key` is still running.";
    409 RESOURCE_REMOVED "Resource removed"
        "The resource is removed and can no longer be changed, except that `external_workspace_id` of a removed workspace \
         can be set to null in a request that changes nothing else.";
    409 PREVIEW_CHANGED "Preview outdated"
        "What a preview showed has changed since, or the database was restored from a backup.";
    409 IMPORT_UNDER_WAY "Import under way"
        "The import that makes these changes has not ended; cancel it, or wait, before it is undone.";
    409 NOTHING_TO_UNDO "Nothing to undo"
        "The change set has no change that can still be undone.";
    422 REASON_REQUIRED "Reason required"
        "The workspace group requires a reason: `meta.reason` in the document or in the operation, or the header \
         `Groupdesk-Reason`.";
    422 IDEMPOTENCY_KEY_REUSED "Idempotency key reused"
        "The `Idempotency-Key` was used before, with a different method, path or body.";
}

/// Every code of the API, ordered by status; within a status the codes of the standard come first.
pub static ALL: LazyLock<Vec<&ErrorCode>> = LazyLock::new(|| {
    let mut all = [error_code::CODES, CODES].concat();
    all.sort_by_key(|code| code.status);
    all
});
