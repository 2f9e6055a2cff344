//! Trying a password: charged before it is looked at, and a browser is known again once one was right.

use axum::http::HeaderValue;

use crate::kernel::id::OperatorId;
use crate::platform::device_cookie;
use crate::platform::failure::Outcome;
use crate::resources::sign_in_attempts::model::{Attempt, account};
use crate::resources::sign_in_attempts::ops::{Charged, sign_in_attempt_charge};
use crate::ui::server::session::RequestContext;

impl RequestContext {
    /// The licence to try one password for this e-mail address.
    ///
    /// # Errors
    /// `TriedTooOften`.
    pub async fn try_sign_in(&self, email: &str) -> Outcome<Charged> {
        let account = account(email);
        let device = match &self.mark {
            Some(mark) => {
                let mut connection = self.state.pool.acquire().await?;
                self.state.device_key(&mut connection).await?.device(mark, &account)
            }
            None => None,
        };
        self.charge(match device {
            Some(device) => Attempt::Known { device },
            None => Attempt::Stranger { account, address: self.address },
        })
        .await
    }

    /// The licence to try one's own password once more.
    ///
    /// # Errors
    /// `TriedTooOften`.
    pub async fn try_again(&self, operator: OperatorId) -> Outcome<Charged> {
        self.charge(Attempt::Again { operator }).await
    }

    /// Committed at once, and rolled back where it is refused.
    async fn charge(&self, attempt: Attempt) -> Outcome<Charged> {
        let mut transaction = self.state.pool.begin().await?;
        let charged = sign_in_attempt_charge(&mut transaction, &attempt, self.now).await?;
        transaction.commit().await?;
        Ok(charged)
    }

    /// The cookie that keeps the account's mark in this browser, so that it is no stranger next time.
    pub(super) async fn remembering(&self, email: &str) -> Outcome<Option<HeaderValue>> {
        let account = account(email);
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let known = self.mark.as_ref().filter(|mark| key.device(mark, &account).is_some());
        let mark = known.cloned().unwrap_or_else(|| key.token(&account));
        Ok(device_cookie::cookie(&self.cookies.device, mark, self.state.cookies_need_tls).parse().ok())
    }
}
