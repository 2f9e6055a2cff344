//! The error codes of HTTP and JSON:API. Those of the product are in `api/error_code.rs`.

/// Clients act on `code`, so a code never changes.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    pub status: u16,
    pub code: &'static str,
    /// Does not vary between occurrences (JSON:API section "Error Objects").
    pub title: &'static str,
    /// When the error occurs, in Markdown.
    pub about: &'static str,
}

macro_rules! error_codes {
    ($($status:literal $code:ident $title:literal $about:literal;)*) => {
        $(pub static $code: ErrorCode =
            ErrorCode { status: $status, code: stringify!($code), title: $title, about: $about };)*

        pub static CODES: &[&ErrorCode] = &[$(&$code),*];
    };
}

pub(crate) use error_codes;

error_codes! {
    400 BAD_REQUEST "Bad request"
        "The request is malformed. For example, the body ended early or `Idempotency-Key` has an invalid value.";
    400 INVALID_JSON "Invalid JSON"
        "The body is not JSON or not UTF-8, is nested too deeply, or repeats a key in an object.";
    400 INVALID_QUERY_PARAMETER "Invalid query parameter"
        "The URL does not support the parameter, the parameter is repeated, or its value is invalid.";
    400 INVALID_CURSOR "Invalid cursor"
        "The cursor does not belong to this list in this order.";
    400 PAGE_SIZE_TOO_LARGE "Page size too large"
        "The requested page is too large; `meta.page.maxSize` is the maximum.";
    401 UNAUTHORIZED "Unauthorized"
        "The token is missing, unknown, expired or revoked. The error does not reveal which.";
    403 FORBIDDEN "Forbidden"
        "The token lacks the required scope.";
    403 SYSTEM_FIELD_READ_ONLY "System field is read-only"
        "The attribute is set by the system.";
    403 RELATIONSHIP_READ_ONLY "Relationship is read-only"
        "The relationship cannot be written here; `detail` describes the alternative.";
    403 CLIENT_ID_UNSUPPORTED "Client-generated id"
        "A new resource has an `id` that is not null. The system generates ids.";
    403 FULL_REPLACEMENT_UNSUPPORTED "Full replacement is not supported"
        "Members of a to-many relationship can be added and removed, but not replaced as a whole.";
    404 NOT_FOUND "Not found"
        "Nothing exists at this URL, or no event has this id.";
    405 METHOD_NOT_ALLOWED "Method not allowed"
        "The URL does not support the method; the `Allow` header lists the supported ones.";
    406 NOT_ACCEPTABLE "Not acceptable"
        "`Accept` allows none of the media types that the API produces.";
    408 REQUEST_TIMEOUT "Request timeout"
        "The announced body did not arrive in time.";
    409 TYPE_MISMATCH "Type mismatch"
        "The type of the resource in the body is not the type of this URL.";
    409 ID_MISMATCH "Id mismatch"
        "The id in the body is not the id in the URL.";
    412 PRECONDITION_FAILED "Precondition failed"
        "The resource is not in the state that `If-Match` or `If-None-Match` requires.";
    413 PAYLOAD_TOO_LARGE "Payload too large"
        "The body is too large or has too many operations.";
    414 URI_TOO_LONG "Address too long"
        "The URL is longer than the server reads.";
    415 UNSUPPORTED_MEDIA_TYPE "Unsupported media type"
        "`Content-Type` is not a media type that this URL supports.";
    422 VALIDATION_ERROR "Validation error"
        "A value in the body is invalid or missing; `source.pointer` locates it.";
    429 RATE_LIMITED "Rate limited"
        "The token makes too many requests; `Retry-After` is the time to wait.";
    431 HEADERS_TOO_LARGE "Headers too large"
        "The URL and the headers exceed 32 KiB or 100 lines.";
    500 INTERNAL_ERROR "Internal error"
        "An unexpected failure of the server; its log contains `meta.trace_id`.";
    503 UNAVAILABLE "Unavailable"
        "The database is temporarily unavailable or read-only; `Retry-After` is the time to wait.";
}
