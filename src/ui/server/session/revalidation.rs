//! Checks a session again during a long response.

use std::time::Duration;

use tokio::time::Instant;

use crate::kernel::problem::Problem;
use crate::platform::failure::Outcome;
use crate::ui::server::session::RequestContext;

/// How long a response continues after its operator is signed out or disabled.
const INTERVAL: Duration = Duration::from_secs(5);

/// Belongs to a response that began with a valid session.
pub struct SessionGuard {
    pub context: RequestContext,
    checked_at: Instant,
}

impl SessionGuard {
    pub fn new(context: RequestContext) -> Self {
        Self { context, checked_at: Instant::now() }
    }

    /// Reads the session if the last check is old.
    ///
    /// # Errors
    /// `SignedOut`.
    pub async fn revalidate(&mut self) -> Outcome<()> {
        if self.checked_at.elapsed() < INTERVAL {
            return Ok(());
        }
        self.checked_at = Instant::now();
        if self.context.is_still_signed_in().await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }
}
