//! What of a sign-in by the identity provider waits in the session until the browser comes back from there.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};

use crate::platform::failure::{Failure, Outcome};
use crate::platform::oidc::{FLOW_MINUTES, Flow, flow_keep, flow_take};
use crate::ui::server::session::form_restore::KEPT_FOR_MINUTES;
use crate::ui::server::session::{RequestContext, error_pages, readable, unavailable};

const FLOWS: &str = "oidc";

/// The session of nobody, in which flows wait, is kept as long as what waits there the longest.
pub(super) const WAITS_MINUTES: i64 =
    if FLOW_MINUTES > KEPT_FOR_MINUTES { FLOW_MINUTES } else { KEPT_FOR_MINUTES };

impl RequestContext {
    /// Beside those of other tabs.
    pub async fn keep_flow(&self, flow: Flow) -> Outcome<()> {
        let flows = readable(self.session.get(FLOWS).await)?.unwrap_or_default();
        self.session.insert(FLOWS, flow_keep(flows, flow, self.now)).await.map_err(unavailable)?;
        if self.operator.is_none() {
            self.keep_for_minutes(WAITS_MINUTES);
        }
        Ok(())
    }

    /// The flow of this state, which is used by this, whatever comes of it: so it is saved at once, and not with
    /// the answer.
    pub async fn take_flow(&self, state: &str) -> Outcome<Option<Flow>> {
        let Some(mut flows) = readable::<Vec<Flow>>(self.session.get(FLOWS).await)? else { return Ok(None) };
        let flow = flow_take(&mut flows, state, self.now);
        self.session.insert(FLOWS, flows).await.map_err(unavailable)?;
        self.session.save().await.map_err(unavailable)?;
        Ok(flow)
    }

    /// What the log says of a sign-in that the identity provider, or the way there, brought to nothing.
    pub fn note(&self, note: &str) {
        tracing::warn!(request_id = %self.request_id, note, "not signed in by the identity provider");
    }

    /// [`crate::ui::server::session::refuse`] where the answer is not a server function's.
    pub async fn refuse_at(&self, failure: Failure, page: &str) -> Response {
        let error = self.error(failure);
        match self.tell(Err(error), BTreeMap::new()).await {
            Ok(()) => Redirect::to(page).into_response(),
            Err(failure) => error_pages::outage(&failure, &self.request_id),
        }
    }
}
