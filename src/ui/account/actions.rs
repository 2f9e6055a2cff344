//! Of one's own account, for everybody who is signed in.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::resources::operator_sessions::model::OperatorSession;
use crate::ui::error::UiError;

/// Where one is signed in, last used first.
#[server(prefix = "/api/fn", endpoint = "sessions-read")]
pub async fn sessions_read() -> Result<Vec<OperatorSession>, UiError> {
    use crate::resources::operator_sessions::ops::operator_session_list;
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let operator = visit.operator()?.id;
        operator_session_list(connection, operator, &visit.session_kept_as(), visit.now()).await
    })
    .await
}

/// Since when one is linked to the identity provider; `None` too where there is none.
#[server(prefix = "/api/fn", endpoint = "identity-read")]
pub async fn identity_read() -> Result<Option<DateTime<Utc>>, UiError> {
    use crate::resources::operators::ops::operator_linked_at;
    use crate::ui::server::session::read;
    read(async |connection, visit| match &visit.state.provider {
        Some(provider) => operator_linked_at(connection, visit.operator()?, provider.issuer()).await,
        None => Ok(None),
    })
    .await
}

/// Sets a new password; every other session ends, and this one goes on under a new id. `username`: the e-mail
/// address by which the form is known again when it is sent twice.
#[server(prefix = "/api/fn", endpoint = "password-change")]
pub async fn password_change(
    old: String,
    new: String,
    #[server(default)] username: String,
) -> Result<(), UiError> {
    use crate::resources::operators::ops::{Password, operator_change_password, operator_prepare_password};
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, Passed, Sender, finish, visit, went_before};
    let visit = visit()?;
    let outcome = async {
        let signed_in = visit.signed_in()?;
        let new = Password::parse(new)?;
        let pool = &visit.state.pool.current();
        let charged = visit.try_again(signed_in.operator.id).await?;
        let prepared = operator_prepare_password(pool, charged, signed_in, old, new).await?;
        let mut transaction = pool.begin().await?;
        let signed_in = operator_change_password(&mut transaction, &visit.stranger(), prepared).await?;
        let passed = Passed::signed_in(&signed_in, Some(Notice::PasswordChanged), paths::ACCOUNT);
        visit.keep_passed(&mut transaction, signed_in.operator.id, &passed).await?;
        transaction.commit().await?;
        visit.sign_in(&signed_in, paths::ACCOUNT).await?;
        Ok(Changed { notice: Notice::PasswordChanged, go_to: paths::ACCOUNT.to_owned() })
    }
    .await;
    if went_before(&visit, &outcome, Sender::Account(&username)).await? {
        return Ok(());
    }
    finish(&visit, outcome, paths::ACCOUNT).await
}

/// Ends one session of one's own.
#[server(prefix = "/api/fn", endpoint = "session-end")]
pub async fn session_end(session: String) -> Result<(), UiError> {
    use crate::resources::operator_sessions::ops::operator_session_end;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change_own_at};
    change_own_at(paths::ACCOUNT, async |connection, visit, call| {
        let operator = visit.operator()?;
        operator_session_end(connection, call, operator, form_id(&session)?).await?;
        Ok(Changed { notice: Notice::SessionEnded, go_to: paths::ACCOUNT.to_owned() })
    })
    .await
}

/// Ends all sessions of one's own but this one.
#[server(prefix = "/api/fn", endpoint = "sessions-end-others")]
pub async fn sessions_end_others() -> Result<(), UiError> {
    use crate::resources::operator_sessions::ops::operator_sessions_end_others;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change_own_at};
    change_own_at(paths::ACCOUNT, async |connection, visit, call| {
        let operator = visit.operator()?;
        let ended =
            operator_sessions_end_others(connection, call, operator, &visit.session_kept_as()).await?;
        Ok(Changed { notice: Notice::OtherSessionsEnded { ended }, go_to: paths::ACCOUNT.to_owned() })
    })
    .await
}

/// Ends all sessions of one's own, also this one. `username`: as where one changes the password.
#[server(prefix = "/api/fn", endpoint = "sign-out-everywhere")]
pub async fn sign_out_everywhere(#[server(default)] username: String) -> Result<(), UiError> {
    use crate::resources::operators::ops::operator_sign_out_everywhere;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, Passed, Sender, finish, visit, went_before};
    let visit = visit()?;
    let outcome = async {
        let (call, operator) = (visit.own()?, visit.operator()?);
        let mut transaction = visit.state.pool.begin().await?;
        visit.stay_signed_in(&mut transaction).await?;
        operator_sign_out_everywhere(&mut transaction, &call, operator).await?;
        let passed = Passed::signed_out(Notice::SignedOutEverywhere, paths::LOGIN);
        visit.keep_passed(&mut transaction, operator.id, &passed).await?;
        transaction.commit().await?;
        visit.sign_out().await?;
        Ok(Changed { notice: Notice::SignedOutEverywhere, go_to: paths::LOGIN.to_owned() })
    }
    .await;
    if went_before(&visit, &outcome, Sender::Account(&username)).await? {
        return Ok(());
    }
    finish(&visit, outcome, paths::ACCOUNT).await
}
