//! The size of request bodies. A browser shows an answer only after it has sent the whole request, so the rest of a
//! refused body is read and dropped, up to a limit in time and in size.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use futures::{Stream, StreamExt as _};

use super::header_text;

/// The longest time for which a refused body is drained.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// The value of `Content-Length`, which browsers always send.
pub fn content_length(headers: &HeaderMap) -> Option<usize> {
    header_text(headers, header::CONTENT_LENGTH)?.parse().ok()
}

/// Reads a body (or the field of a form) to its end, for at most 20 seconds and `max` bytes.
pub async fn drain<Bytes: AsRef<[u8]>, E>(body: impl Stream<Item = Result<Bytes, E>>, max: usize) {
    drain_into(body, max, |_| {}).await;
}

/// Like [`drain`], and passes on what it reads. Returns the number of bytes.
pub async fn drain_into<Bytes: AsRef<[u8]>, E>(
    body: impl Stream<Item = Result<Bytes, E>>,
    max: usize,
    mut take: impl FnMut(&[u8]),
) -> usize {
    let mut body = std::pin::pin!(body);
    let mut drained = 0;
    let draining = async {
        while let Some(Ok(bytes)) = body.next().await {
            drained += bytes.as_ref().len();
            if drained > max {
                return;
            }
            take(bytes.as_ref());
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, draining).await;
    drained
}
