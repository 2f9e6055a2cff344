//! The form of a new token, as text, and what it asks for.

use chrono::{NaiveDate, TimeDelta};

use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name};
use crate::resources::api_tokens::model::{NewApiToken, Scope, TokenHolder};
use crate::ui::server::session::RequestContext;

pub struct TokenForm {
    pub name: String,
    pub scopes: Vec<String>,
    pub holder: String,
    pub person: String,
    pub expiry: String,
    pub day: String,
}

/// Nobody plans further ahead; "never" is to be said.
const DAYS_MAX: i64 = 3_660;

impl TokenForm {
    /// # Errors
    /// All that cannot be, at once.
    pub fn read(&self, visit: &RequestContext) -> Result<NewApiToken, Problem> {
        let name = Name::parse(&self.name).map_err(|fault| Problem::invalid(Field::Name, fault));
        let (scopes, holder, valid_for) = (self.scopes(), self.holder(), self.valid_for(visit));
        match (name, scopes, holder, valid_for) {
            (Ok(name), Ok(scopes), Ok(holder), Ok(valid_for)) => {
                Ok(NewApiToken { name, holder, scopes, valid_for })
            }
            (name, scopes, holder, valid_for) => {
                let problems = [name.err(), scopes.err(), holder.err(), valid_for.err()];
                Err(Problem::gathered(problems.into_iter().flatten().collect()))
            }
        }
    }

    fn scopes(&self) -> Result<Vec<Scope>, Problem> {
        let mut scopes = Vec::new();
        for word in &self.scopes {
            let scope = Scope::from_word(word).ok_or(Problem::FormMalformed)?;
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        if scopes.is_empty() { Err(Problem::ScopeMissing) } else { Ok(scopes) }
    }

    fn holder(&self) -> Result<TokenHolder, Problem> {
        match self.holder.as_str() {
            "system" => Ok(TokenHolder::System),
            "person" => Email::parse(&self.person)
                .map(TokenHolder::Person)
                .map_err(|fault| Problem::invalid(Field::Email, fault)),
            _ => Err(Problem::FormMalformed),
        }
    }

    /// A day is the last one on which the token works, all of it, in the viewer's zone.
    fn valid_for(&self, visit: &RequestContext) -> Result<Option<TimeDelta>, Problem> {
        let days = match self.expiry.as_str() {
            "never" => return Ok(None),
            "day" => {
                let day: NaiveDate =
                    self.day.trim().parse().map_err(|_| Problem::DayMalformed(self.day.clone()))?;
                let next = day.succ_opt().map(|next| next.to_string());
                let end = next.and_then(|next| visit.place().read(&next));
                end.ok_or(Problem::DayOutOfRange)? - visit.now()
            }
            days => TimeDelta::days(days.parse::<u16>().map_err(|_| Problem::FormMalformed)?.into()),
        };
        let is_ahead = days > TimeDelta::zero() && days <= TimeDelta::days(DAYS_MAX);
        if is_ahead { Ok(Some(days)) } else { Err(Problem::DayOutOfRange) }
    }
}
