//! Every error code that the API can tell.

/// What a code stands for.
pub struct ErrorCode {
    pub status: u16,
    pub code: &'static str,
    pub title: &'static str,
    /// When it is told.
    pub about: &'static str,
    /// What an error of this kind says, for an example.
    pub detail: &'static str,
    /// The member of `source` in the example, and its value.
    pub source: Option<(&'static str, &'static str)>,
}

const fn code(
    (status, code, title): (u16, &'static str, &'static str),
    about: &'static str,
    detail: &'static str,
    source: Option<(&'static str, &'static str)>,
) -> ErrorCode {
    ErrorCode { status, code, title, about, detail, source }
}

const PATH_ID: &str =
    "There is no such resource: the id in the path, or one that the body names, is nobody's.";

pub static CODES: [ErrorCode; 38] = [
    code(
        (400, "BAD_REQUEST", "Bad request"),
        "The request cannot be understood: a path that is not UTF-8, a body that ended early, a malformed \
         Idempotency-Key.",
        "Idempotency-Key is one value of 1 to 255 visible ASCII characters.",
        Some(("header", "Idempotency-Key")),
    ),
    code(
        (400, "INVALID_JSON", "Invalid JSON"),
        "The body is not JSON or not UTF-8, is nested too deeply, or has a key twice in one object.",
        "The body is not acceptable JSON: EOF while parsing an object at line 1 column 1.",
        None,
    ),
    code(
        (400, "INVALID_QUERY_PARAMETER", "Invalid query parameter"),
        "There is no such parameter at this address, it is there twice, or its value is not one that it \
         takes.",
        "Sorting by \"color\" is not offered here; created_at, updated_at, deleted_at is.",
        Some(("parameter", "sort")),
    ),
    code(
        (400, "INVALID_CURSOR", "Invalid cursor"),
        "The cursor was not handed out by this list in this order.",
        "The cursor is not one that this list has handed out.",
        Some(("parameter", "page[after]")),
    ),
    code(
        (400, "PAGE_SIZE_TOO_LARGE", "Page size too large"),
        "More items than a page has were asked for; `meta.page.maxSize` says how many it has.",
        "A page has at most 500 items.",
        Some(("parameter", "page[size]")),
    ),
    code(
        (401, "UNAUTHORIZED", "Unauthorized"),
        "There is no token, or none that works; which of these is not told.",
        "This needs a valid token, sent as 'Authorization: Bearer <token>'.",
        Some(("header", "Authorization")),
    ),
    code(
        (403, "FORBIDDEN", "Forbidden"),
        "The token lacks the scope that this takes.",
        "This needs a token with the scope write.",
        None,
    ),
    code(
        (403, "SYSTEM_FIELD_READ_ONLY", "System field is read-only"),
        "The attribute is computed by the system.",
        "created_at is computed by the system and cannot be written.",
        Some(("pointer", "/data/attributes/created_at")),
    ),
    code(
        (403, "RELATIONSHIP_READ_ONLY", "Relationship is read-only"),
        "The relationship cannot be written here; the detail says what to do instead.",
        "The relationship workspace cannot be written here. It never changes; remove the enrollment and \
         enroll again instead.",
        Some(("pointer", "/data/relationships/workspace")),
    ),
    code(
        (403, "CLIENT_ID_UNSUPPORTED", "Client-generated id"),
        "A resource to be created came with an id, which is not null; ids are made by the system.",
        "Ids are made by the system; leave id out.",
        Some(("pointer", "/data/id")),
    ),
    code(
        (403, "FULL_REPLACEMENT_UNSUPPORTED", "Full replacement is not supported"),
        "Members of a to-many relationship are added and removed, never replaced as a whole.",
        "The members of workspaces are added and removed, never replaced as a whole.",
        None,
    ),
    code(
        (404, "NOT_FOUND", "Not found"),
        "There is nothing at this address, or no event of this id.",
        "There is nothing at this address.",
        None,
    ),
    code(
        (404, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND", "Not found"),
        "There is no such enrollment, or the workspace is not in the group.",
        "There is no workspace_group_workspace a1b2c3d4-e5f6-7890-abcd-ef1234567890.",
        None,
    ),
    code(
        (404, "WORKSPACE_GROUP_NOT_FOUND", "Not found"),
        PATH_ID,
        "There is no workspace_group f47ac10b-58cc-4372-a567-0e02b2c3d479.",
        None,
    ),
    code(
        (404, "WORKSPACE_NOT_FOUND", "Not found"),
        PATH_ID,
        "There is no workspace c9bf9e57-1685-4c89-bafb-ff5af830be8a.",
        None,
    ),
    code(
        (404, "PEOPLE_NOT_FOUND", "Not found"),
        PATH_ID,
        "There is no people 3fa85f64-5717-4562-b3fc-2c963f66afa6.",
        None,
    ),
    code(
        (405, "METHOD_NOT_ALLOWED", "Method not allowed"),
        "The address does not have this method; the Allow header lists those that it has.",
        "This address does not have this method; see the Allow header.",
        None,
    ),
    code(
        (406, "NOT_ACCEPTABLE", "Not acceptable"),
        "Accept allows no answer that the API can make.",
        "The answer is application/vnd.api+json, without parameters other than ext and profile; Accept \
         allows no such thing.",
        Some(("header", "Accept")),
    ),
    code(
        (408, "REQUEST_TIMEOUT", "Request timeout"),
        "The body that was announced did not come in time.",
        "The body did not come in time; nothing was done.",
        None,
    ),
    code(
        (409, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS", "Already enrolled"),
        "The workspace has a live enrollment in the group; `links.about` leads to it.",
        "Workspace c9bf9e57-1685-4c89-bafb-ff5af830be8a already has a live enrollment in workspace group \
         f47ac10b-58cc-4372-a567-0e02b2c3d479.",
        None,
    ),
    code(
        (409, "TYPE_MISMATCH", "Type mismatch"),
        "The resource in the body is not of the type of this address.",
        "Here are resources of type workspace, not people.",
        Some(("pointer", "/data/type")),
    ),
    code(
        (409, "ID_MISMATCH", "Id mismatch"),
        "The id in the body is not the one in the path.",
        "The id is not that of the addressed resource.",
        Some(("pointer", "/data/id")),
    ),
    code(
        (409, "GROUP_HAS_LIVE_ENROLLMENTS", "Has live enrollments"),
        "Workspaces are in the group, as many as `meta.live_enrollments` says.",
        "The workspace group has 3 live enrollments; remove them first.",
        None,
    ),
    code(
        (409, "WORKSPACE_HAS_LIVE_ENROLLMENTS", "Has live enrollments"),
        "The workspace is in groups, as many as `meta.live_enrollments` says.",
        "The workspace has 3 live enrollments; remove them first.",
        None,
    ),
    code(
        (409, "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS", "External workspace id already exists"),
        "Another workspace, perhaps a removed one, has this external id; `links.about` leads to it.",
        "Another workspace, perhaps a removed one, has the external id ws-000017.",
        Some(("pointer", "/data/attributes/external_workspace_id")),
    ),
    code(
        (409, "EMAIL_ALREADY_EXISTS", "E-mail address already exists"),
        "Another person has this e-mail address; `links.about` leads to them.",
        "Another person has the e-mail address ana.lima@example.com.",
        Some(("pointer", "/data/attributes/email")),
    ),
    code(
        (409, "IDEMPOTENCY_KEY_IN_USE", "Idempotency key in use"),
        "The first request with this Idempotency-Key is still running.",
        "The first request with this Idempotency-Key is still running; try again when it has ended.",
        Some(("header", "Idempotency-Key")),
    ),
    code(
        (409, "RESOURCE_REMOVED", "Resource removed"),
        "The resource was removed and cannot be changed any more. (Of a removed workspace the external id can still \
         be set to null, by itself.)",
        "The workspace c9bf9e57-1685-4c89-bafb-ff5af830be8a was removed and cannot be changed any more.",
        None,
    ),
    code(
        (412, "PRECONDITION_FAILED", "Precondition failed"),
        "The resource is not in the state that If-Match names.",
        "The resource has changed since it was read; read it again.",
        Some(("header", "If-Match")),
    ),
    code(
        (413, "PAYLOAD_TOO_LARGE", "Payload too large"),
        "The body is larger, or has more operations, than is taken.",
        "The body is larger than 1 MiB.",
        None,
    ),
    code(
        (414, "URI_TOO_LONG", "Address too long"),
        "The address is longer than is read.",
        "The address is longer than is read.",
        None,
    ),
    code(
        (415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"),
        "Content-Type is not what this address takes.",
        "Content-Type has to be application/vnd.api+json, without parameters other than ext and profile, and \
         ext with extensions that apply here.",
        Some(("header", "Content-Type")),
    ),
    code(
        (422, "VALIDATION_ERROR", "Validation error"),
        "A value in the body cannot be, or one is missing; `source.pointer` says where.",
        "name must not be blank.",
        Some(("pointer", "/data/attributes/name")),
    ),
    code(
        (422, "IDEMPOTENCY_KEY_REUSED", "Idempotency key reused"),
        "The Idempotency-Key was sent before, with another method, path or body.",
        "This Idempotency-Key was sent with another method, path or body; a new request takes a new key.",
        Some(("header", "Idempotency-Key")),
    ),
    code(
        (429, "RATE_LIMITED", "Rate limited"),
        "The token makes too many requests; `Retry-After` says when to come back.",
        "This token makes more than 200 requests a second; try again in 1 s.",
        None,
    ),
    code(
        (431, "HEADERS_TOO_LARGE", "Headers too large"),
        "The headers, with the address, are more than is read: 32 KiB, or 100 lines.",
        "The headers are more than 32 KiB, or more than 100 lines.",
        None,
    ),
    code(
        (500, "INTERNAL_ERROR", "Internal error"),
        "Something went wrong on our side; `meta.trace_id` names the line in our log.",
        "Something went wrong on our side.",
        None,
    ),
    code(
        (503, "UNAVAILABLE", "Unavailable"),
        "The database is away, or takes no changes, for a moment; `Retry-After` says when to come back.",
        "The service cannot answer at the moment; try again shortly.",
        None,
    ),
];

pub fn named(code: &str) -> Option<&'static ErrorCode> {
    CODES.iter().find(|known| known.code == code)
}
