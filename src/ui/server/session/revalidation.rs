//! Somebody who takes long over one answer.

use std::time::Duration;

use tokio::time::Instant;

use crate::kernel::problem::Problem;
use crate::platform::failure::Outcome;
use crate::ui::server::session::RequestContext;

/// How long somebody who is signed out or disabled may go on taking what they had begun to.
const CHECK: Duration = Duration::from_secs(5);

/// The door has let them in; whether they are still welcome is asked again now and then.
pub struct Guest {
    pub visit: RequestContext,
    asked: Instant,
}

impl Guest {
    pub fn new(visit: RequestContext) -> Self {
        Self { visit, asked: Instant::now() }
    }

    /// # Errors
    /// `SignedOut`, once they are not.
    pub async fn is_welcome(&mut self) -> Outcome<()> {
        if self.asked.elapsed() < CHECK {
            return Ok(());
        }
        self.asked = Instant::now();
        if self.visit.is_still_signed_in().await? { Ok(()) } else { Err(Problem::SignedOut.into()) }
    }
}
