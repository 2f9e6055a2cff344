//! The bodies of files that pages give out.

use std::io;

use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt, stream};

use crate::export::table::Format;
use crate::kernel::spreadsheet::BYTE_ORDER_MARK;

/// The parts of a file, one after the other. A table begins with a byte-order mark: people open it by a double
/// click, and without the mark Excel garbles every name with an accent. Programs read JSON, or what the command
/// line writes, and get no mark.
pub fn body(format: Format, parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    let mark = match format {
        Format::Csv => Some(Ok(Bytes::from_static(BYTE_ORDER_MARK.as_bytes()))),
        Format::Ndjson => None,
    };
    // Fused, because what compresses it asks once more after its end.
    Body::from_stream(stream::iter(mark).chain(parts).fuse())
}
