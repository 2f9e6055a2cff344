//! The bodies of downloaded files.

use std::io;

use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt, stream};

use crate::kernel::spreadsheet::BYTE_ORDER_MARK;

/// Sends the parts of a file one after the other. Tables need a byte-order mark, without which Excel garbles accented
/// letters.
pub fn body(is_table: bool, parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    let mark = is_table.then(|| Ok(Bytes::from_static(BYTE_ORDER_MARK.as_bytes())));
    // Fused, because compression polls the stream after its end.
    Body::from_stream(stream::iter(mark).chain(parts).fuse())
}
