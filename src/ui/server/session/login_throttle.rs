//! Charges sign-in attempts before a password is checked, and recognizes browsers in which the account has signed in.

use axum::http::HeaderValue;

use crate::kernel::id::OperatorId;
use crate::platform::db::Connection;
use crate::platform::failure::Outcome;
use crate::platform::signed::device_cookie;
use crate::resources::sign_in_attempts::model::{Attempt, account};
use crate::resources::sign_in_attempts::ops::{Charged, sign_in_attempt_charge};
use crate::ui::server::session::RequestContext;

impl RequestContext {
    /// Allows one password to be checked for this e-mail address. Fails with `TriedTooOften`.
    pub async fn charge_sign_in(&self, email: &str) -> Outcome<Charged> {
        let device = match self.device_token {
            Some(_) => self.device(&mut *self.state.pool.acquire().await?, email).await?,
            None => None,
        };
        self.charge(match device {
            Some(device) => Attempt::Known { device },
            None => Attempt::Unknown { account: account(email), address: self.client_address },
        })
        .await
    }

    /// The id of this browser, if this account has signed in with it.
    pub(super) async fn device(&self, connection: &mut Connection, email: &str) -> Outcome<Option<String>> {
        let Some(token) = &self.device_token else { return Ok(None) };
        Ok(self.state.device_key(connection).await?.device(token, &account(email)))
    }

    /// Allows one check of the current password of a signed-in operator. Fails with `TriedTooOften`.
    pub async fn charge_password(&self, operator: OperatorId) -> Outcome<Charged> {
        self.charge(Attempt::Confirmation { operator }).await
    }

    /// Commits at once, so that a failure later does not undo the charge.
    async fn charge(&self, attempt: Attempt) -> Outcome<Charged> {
        let mut transaction = self.state.pool.begin().await?;
        let charged = sign_in_attempt_charge(&mut transaction, &attempt, self.viewer.now).await?;
        transaction.commit().await?;
        Ok(charged)
    }

    /// The cookie by which this browser is recognized at the next sign-in.
    pub(super) async fn device_cookie(&self, email: &str) -> Outcome<Option<HeaderValue>> {
        let account = account(email);
        let mut connection = self.state.pool.acquire().await?;
        let key = self.state.device_key(&mut connection).await?;
        let known = self.device_token.as_ref().filter(|token| key.device(token, &account).is_some());
        let token = known.cloned().unwrap_or_else(|| key.token(&account));
        Ok(device_cookie(&self.cookies.device, token, self.state.cookies_need_tls).parse().ok())
    }
}
