//! Of operators: signing in and out.

use leptos::prelude::*;

use crate::ui::error::UiError;

/// `next`: where one was going. `cookies`: filled in where the form's page set a cookie, which comes along.
#[server(prefix = "/api/fn", endpoint = "sign-in")]
pub async fn operator_sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
    #[server(default)] cookies: String,
) -> Result<(), UiError> {
    use crate::resources::operators::ops;
    use crate::ui::paths;
    use crate::ui::server::session::{count_sign_in, refuse, visit};
    let visit = visit()?;
    let next = paths::local_or_home(&next);
    if let Some(why) = visit.cookieless(!cookies.is_empty()) {
        leptos_axum::redirect(&paths::login_without_cookies(next, why));
        return Ok(());
    }
    let outcome = async {
        let charged = visit.try_sign_in(&email).await?;
        let (pool, stranger) = (&visit.state.pool.current(), visit.stranger());
        let signed_in = ops::operator_sign_in(pool, &stranger, charged, &email, password).await?;
        visit.sign_in(&signed_in, next).await
    }
    .await;
    count_sign_in(&outcome);
    match outcome {
        Ok(()) => {
            leptos_axum::redirect(next);
            Ok(())
        }
        Err(failure) => refuse(&visit, failure, &paths::login_for(next)).await,
    }
}

#[server(prefix = "/api/fn", endpoint = "sign-out")]
pub async fn operator_sign_out() -> Result<(), UiError> {
    use std::collections::BTreeMap;

    use crate::resources::operators::ops::operator_signed_out;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::visit;
    let visit = visit()?;
    let outcome = async {
        if let Ok(operator) = visit.operator() {
            let mut connection = visit.state.pool.acquire().await?;
            operator_signed_out(&mut connection, &visit.stranger(), operator).await?;
        }
        visit.sign_out().await?;
        visit.tell(Ok(Notice::SignedOut), BTreeMap::new()).await
    }
    .await;
    outcome.map_err(|failure| visit.error(failure))?;
    leptos_axum::redirect(paths::LOGIN);
    Ok(())
}

/// For whom an invitation is, by name and e-mail address.
#[server(prefix = "/api/fn", endpoint = "invitation-read")]
pub async fn invitation_read(secret: String) -> Result<(String, String), UiError> {
    use crate::resources::operators::ops::operator_of_link;
    use crate::ui::server::session::visit;
    let visit = visit()?;
    let outcome = async {
        let mut connection = visit.state.pool.acquire().await?;
        operator_of_link(&mut connection, &visit.stranger(), &secret).await
    }
    .await;
    let operator = outcome.map_err(|failure| visit.failed(failure))?;
    Ok((operator.person.name, operator.email))
}

/// Uses an invitation up: sets the password and signs in. `cookies`: as where one signs in.
#[server(prefix = "/api/fn", endpoint = "invitation-accept")]
pub async fn invitation_accept(
    secret: String,
    password: String,
    #[server(default)] cookies: String,
) -> Result<(), UiError> {
    use crate::resources::operators::ops::{Password, operator_prepare_by_link, operator_use_link};
    use crate::ui::paths;
    use crate::ui::server::session::{Passed, Sender, refuse, visit, went_before};
    let visit = visit()?;
    // Before the link is used up.
    if let Some(why) = visit.cookieless(!cookies.is_empty()) {
        leptos_axum::redirect(&paths::login_without_cookies(paths::HOME, why));
        return Ok(());
    }
    let outcome = async {
        let password = Password::parse(password)?;
        let stranger = visit.stranger();
        let pool = &visit.state.pool.current();
        let new = operator_prepare_by_link(pool, &stranger, &secret, password).await?;
        let mut transaction = visit.state.pool.begin().await?;
        let signed_in = operator_use_link(&mut transaction, &stranger, &secret, new).await?;
        let passed = Passed::signed_in(&signed_in, None, paths::HOME);
        visit.keep_passed(&mut transaction, signed_in.operator.id, &passed).await?;
        transaction.commit().await?;
        visit.sign_in(&signed_in, paths::HOME).await
    }
    .await;
    if went_before(&visit, &outcome, Sender::Link(&secret)).await? {
        return Ok(());
    }
    match outcome {
        Ok(()) => {
            leptos_axum::redirect(paths::HOME);
            Ok(())
        }
        Err(failure) => {
            let form_at = paths::invitation(&paths::encode(&secret));
            refuse(&visit, failure, &form_at).await
        }
    }
}
