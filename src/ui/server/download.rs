//! Downloaded files: their bodies, and the check of the session while they are sent.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt, stream};
use tokio::time::Instant;

use crate::kernel::problem::Problem;
use crate::kernel::spreadsheet::BYTE_ORDER_MARK;
use crate::platform::failure::Outcome;
use crate::ui::server::session::RequestContext;

/// How long a response continues after its operator is signed out or disabled.
const INTERVAL: Duration = Duration::from_secs(5);

/// Tables begin with a byte-order mark, without which Excel garbles accented letters.
pub fn body(is_table: bool, parts: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    let mark = is_table.then(|| Ok(Bytes::from_static(BYTE_ORDER_MARK.as_bytes())));
    // Fused, because compression polls the stream after its end.
    Body::from_stream(stream::iter(mark).chain(parts).fuse())
}

/// Belongs to a response that began with a valid session.
pub struct SessionGuard {
    pub context: RequestContext,
    checked_at: Instant,
}

impl SessionGuard {
    pub fn new(context: RequestContext) -> Self {
        Self { context, checked_at: Instant::now() }
    }

    /// Reads the session if the last check is old. Fails with `SignedOut`.
    pub async fn revalidate(&mut self) -> Outcome<()> {
        if self.checked_at.elapsed() < INTERVAL {
            return Ok(());
        }
        self.checked_at = Instant::now();
        if self.context.is_still_signed_in().await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }
}
