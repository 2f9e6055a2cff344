//! The state of sign-ins with the identity provider, which waits in the session for the callback.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};

use crate::platform::failure::{Failure, Outcome};
use crate::platform::oidc::{FLOW_MINUTES, Flow, flow_store, flow_take};
use crate::ui::server::session::restored_forms::TYPED_MINUTES;
use crate::ui::server::session::{RequestContext, error_pages, readable, unavailable};

const SESSION_KEY: &str = "oidc";

/// The life of a session without an operator. All that waits in one expires before it.
pub(super) const ANONYMOUS_MINUTES: i64 =
    if FLOW_MINUTES > TYPED_MINUTES { FLOW_MINUTES } else { TYPED_MINUTES };

impl RequestContext {
    /// Adds to the flows of other tabs.
    pub async fn store_flow(&self, flow: Flow) -> Outcome<()> {
        let flows = readable(self.session.get(SESSION_KEY).await)?.unwrap_or_default();
        self.session
            .insert(SESSION_KEY, flow_store(flows, flow, self.viewer.now))
            .await
            .map_err(unavailable)?;
        if self.viewer.operator.is_none() {
            self.expire_after_minutes(ANONYMOUS_MINUTES);
        }
        Ok(())
    }

    /// Removes the flow of this state and saves the session at once, so that it cannot be used twice even if the request
    /// fails.
    pub async fn take_flow(&self, state: &str) -> Outcome<Option<Flow>> {
        let Some(mut flows) = readable::<Vec<Flow>>(self.session.get(SESSION_KEY).await)? else {
            return Ok(None);
        };
        let flow = flow_take(&mut flows, state, self.viewer.now);
        self.session.insert(SESSION_KEY, flows).await.map_err(unavailable)?;
        self.session.save().await.map_err(unavailable)?;
        Ok(flow)
    }

    pub fn log_provider_refusal(&self, note: &str) {
        tracing::warn!(request_id = %self.request_id, note, "not signed in by the identity provider");
    }

    /// [`crate::ui::server::session::refuse`] outside of server functions.
    pub async fn refuse_at(&self, failure: Failure, page: &str) -> Response {
        let error = self.error(failure);
        match self.set_flash(Err(error), BTreeMap::new()).await {
            Ok(()) => Redirect::to(page).into_response(),
            Err(failure) => error_pages::outage(&failure, &self.request_id),
        }
    }
}
