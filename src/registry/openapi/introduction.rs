//! What one has to know before the first request, in the Markdown that descriptions are written in.

use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::strict_json::DEPTH_MAX;
use crate::kernel::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::platform::http::BODY_MAX;
use crate::resources::idempotency_keys::model::KEPT_FOR;

pub fn text() -> String {
    let (mebibytes, hours) = (BODY_MAX / (1024 * 1024), KEPT_FOR.num_hours());
    [
        GENERAL.to_owned(),
        AUTHENTICATION.to_owned(),
        MEDIA_TYPES.to_owned(),
        ENCODINGS.to_owned(),
        READING.to_owned(),
        FOLLOWING.to_owned(),
        format!(
            "## Pagination\n\n\
             Every list comes in pages, as the cursor-pagination profile has it: `page[size]` says how many \
             items ({PAGE_SIZE_DEFAULT} unless told, {PAGE_SIZE_MAX} at most), and `links.next` and \
             `links.prev` lead on until they are null. Follow them as they are: a cursor is opaque, and good \
             for its own list in its own order. A page costs the same at any depth. `page[total]=true` \
             counts all items, as `meta.page.total`, which costs more the more there are."
        ),
        format!(
            "## Writing safely\n\n\
             Send an `Idempotency-Key` with a POST, and it can be sent again until it is answered: it is \
             performed once, and for {hours} hours the same request under the same key is answered the same, \
             with `Idempotency-Replayed: true`. Another request under that key is \
             `IDEMPOTENCY_KEY_REUSED`.\n\n\
             Send the `ETag` that you read as `If-Match` with a PATCH or a DELETE, and nothing is \
             overwritten that somebody else changed meanwhile: that is `PRECONDITION_FAILED`."
        ),
        format!(
            "## Limits\n\n\
             - the address and the headers of a request have at most 32 KiB and 100 lines together; more is \
             `HEADERS_TOO_LARGE`\n\
             - a body has at most {mebibytes} MiB, and JSON is nested at most {DEPTH_MAX} levels deep\n\
             - a document has at most {OPERATIONS_MAX} atomic operations\n\
             - a token makes so many requests a second as `RateLimit-Policy` says; `RateLimit` tells what is \
             left, and beyond it there is `RATE_LIMITED` with `Retry-After`"
        ),
        ERRORS.to_owned(),
    ]
    .join("\n\n")
}

const GENERAL: &str = "Workspaces are collected in workspace groups, and an enrollment says that a workspace \
                       is in a group. Enrollments are made and removed, and never lost: a removed one stays, \
                       and enrolling the same pair again makes a new one beside it. The log of enrollments \
                       tells who did what, and when.";

const AUTHENTICATION: &str = "## Authentication\n\n\
    Every request shows a token as `Authorization: Bearer <token>`, which an administrator makes with \
    `groupdesk token create`. A token acts for a person or for nobody, and has scopes: `read` for every GET, \
    `write` to create, change and remove, `pipeline` to say in whose name an enrollment stands. The last two \
    include the first. Only this description is told without a token.";

const MEDIA_TYPES: &str = "## Media types\n\n\
    The API is JSON:API 1.1, to the letter. What it answers is `application/vnd.api+json`, of lists with the \
    `profile` of cursor pagination, and what is sent has to say the same in `Content-Type`, with no \
    parameters but `ext` and `profile`. Names are in snake_case, times are RFC 3339 in UTC with \
    milliseconds, ids are UUIDs, and links are paths from the root of this server. A member that says which \
    resource is meant (`id`, `lid`, `ref`, `href`) counts as absent where it is null. Every address with GET \
    has HEAD too, and all have OPTIONS; a method that an address does not have is `METHOD_NOT_ALLOWED`.";

const ENCODINGS: &str = "## Compression\n\n\
    Send `Accept-Encoding` with `zstd`, `br` or `gzip`, and answers of a kibibyte or more come compressed, a page \
    of a list in about a tenth of its bytes. The `ETag` of such an answer is another one than that of the plain \
    answer; send back whichever you have, in `If-None-Match` and in `If-Match`.";

const READING: &str = "## Reading\n\n\
    Lists take `filter[…]` and `sort`; lists and single resources take `include`, for related resources in \
    the same answer, and `fields[TYPE]`, for some fields alone. Values are separated by commas. A parameter \
    that an address does not have is refused, so a typing mistake never widens a list unseen. A filter on \
    `deleted_at` without `filter[status]` finds whatever the status.";

const FOLLOWING: &str = "## Following the log\n\n\
    An event appears in `/v1/enrollment-events` when its change is committed, and bears the moment at which its \
    request began. So an event can appear behind others that are later: after one request that took long, among \
    the events of requests that began after it. Whoever follows the log in the order of `occurred_at` and goes \
    on from the last event that they saw misses it for good. To miss none, read the last five minutes again each \
    time, with `filter[occurred_at][gte]` five minutes before the latest event that you have, and skip the events \
    whose ids you have already.";

const ERRORS: &str = "## Errors\n\n\
    A refusal is a document with `errors`, one for each thing that is wrong. Act on `code`, which never \
    changes; `detail` is for people. `source` tells where in the request the trouble is. \
    `meta.trace_id`, which is also in the header `X-Request-Id` of every answer, is what to quote when \
    asking about it.";
