//! Changes to API tokens, for admins.

use chrono::{NaiveDate, TimeDelta};

use crate::kernel::text::{Email, Name};
use crate::resources::api_tokens::model::{NewApiToken, Scope};
use crate::resources::api_tokens::ops::{api_token_create, api_token_revoke};
use crate::ui::locale::viewer_locale::DayEdge;
use crate::ui::server::forms::both;
use crate::ui::server::prelude::*;

/// `holder`: `person`, with `person` as their e-mail address, or `system`. `expiry`: a number of days, `never`, or
/// `day`, with `day` as the last day.
#[server(prefix = "/api/fn", endpoint = "token-create")]
pub async fn token_create(
    #[server(default)] name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] holder: String,
    #[server(default)] person: String,
    #[server(default)] expiry: String,
    #[server(default)] day: String,
) -> Result<(), UiError> {
    change_as(RequestContext::administer, paths::NEW_TOKEN, async |connection, context, call| {
        let ((name, scopes), (person, valid_for)) = both(
            both(field(Field::Name, &name, Name::parse), read_scopes(&scopes)),
            both(read_holder(&holder, &person), read_expiry(&expiry, &day, context)),
        )?;
        let new = NewApiToken { name, person, scopes, valid_for };
        let token = api_token_create(connection, call, &new).await?;
        let notice = Notice::TokenCreated { name: new.name.to_string(), text: Once(token.text) };
        Ok(Changed { notice, go_to: paths::TOKENS.to_owned() })
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "token-revoke")]
pub async fn token_revoke(token: String) -> Result<(), UiError> {
    change_as(RequestContext::administer, paths::TOKENS, async |connection, _, call| {
        let revoked = api_token_revoke(connection, call, form_id(&token)?).await?;
        let notice = Notice::TokenRevoked { name: revoked.name };
        Ok(Changed { notice, go_to: paths::TOKENS.to_owned() })
    })
    .await
}

/// The longest validity of a token that expires; longer ones are probably mistyped years.
const DAYS_MAX: i64 = 3_660;

fn read_scopes(words: &[String]) -> Result<Vec<Scope>, Problem> {
    let mut scopes = Vec::new();
    for word in words {
        let scope = form_id(word)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() { Err(Problem::ScopeMissing) } else { Ok(scopes) }
}

/// `None`: a system token.
fn read_holder(holder: &str, email: &str) -> Result<Option<Email>, Problem> {
    match holder {
        "system" => Ok(None),
        "person" => field(Field::Email, email, Email::parse).map(Some),
        _ => Err(Problem::FormMalformed),
    }
}

/// `None`: never. A day counts to its end in the viewer's time zone.
fn read_expiry(expiry: &str, day: &str, context: &RequestContext) -> Result<Option<TimeDelta>, Problem> {
    let valid_for = match expiry {
        "never" => return Ok(None),
        "day" => {
            let last: NaiveDate = day.trim().parse().map_err(|_| Problem::DayMalformed(day.to_owned()))?;
            let end = context.viewer.locale.read_edge(&last.to_string(), DayEdge::NextStart);
            end.ok_or(Problem::DayOutOfRange)? - context.viewer.now
        }
        days => TimeDelta::days(form_id::<u16>(days)?.into()),
    };
    let is_in_range = valid_for > TimeDelta::zero() && valid_for <= TimeDelta::days(DAYS_MAX);
    if is_in_range { Ok(Some(valid_for)) } else { Err(Problem::DayOutOfRange) }
}
