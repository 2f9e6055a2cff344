//! `groupdesk token create`, `list`, `revoke`

use chrono::TimeDelta;
use clap::{ArgGroup, Args, Subcommand};

use super::database::with_database;
use super::operator::usage;
use super::{Done, administrator, settings};
use crate::kernel::id::TokenId;
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name};
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::resources::api_tokens::model::{NewApiToken, Scope, TokenHolder, TokenStatus, token_position};
use crate::resources::api_tokens::ops::{api_token_create, api_token_list, api_token_revoke};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, alone, on standard output; it is shown this once
    Create(CreateCommand),
    /// List the tokens, newest first: id, beginning, name, scopes, status, last use
    List {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// End a token for good
    Revoke {
        /// Its id, as `token list` tells it
        #[arg(value_parser = parse_id)]
        id: TokenId,
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

fn parse_id(text: &str) -> Result<TokenId, String> {
    text.parse().map_err(|_| "not the id of a token".to_owned())
}

#[derive(Args)]
#[command(group = ArgGroup::new("holder").required(true).args(["person", "system"]))]
pub(super) struct CreateCommand {
    /// What the token is for; the history names it
    #[arg(long)]
    name: String,
    /// What the token may do: read, write, pipeline; several with commas between
    #[arg(long, value_delimiter = ',', required = true, value_parser = parse_scope)]
    scope: Vec<Scope>,
    /// Act for the person with this e-mail address
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// Act for nobody: what the token enrolls has no actor
    #[arg(long)]
    system: bool,
    /// Stop working after this time, as in 90d or 12h [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    expires: Option<TimeDelta>,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn parse_scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word.trim()).ok_or_else(|| "a scope is read, write or pipeline".to_owned())
}

fn parse_time(text: &str) -> Result<TimeDelta, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match TimeDelta::from_std(time) {
        Ok(time) if time > TimeDelta::zero() && time < TimeDelta::days(36_525) => Ok(time),
        Ok(_) | Err(_) => Err("a time from a second to a hundred years".to_owned()),
    }
}

pub(super) async fn run(common: CommonArgs, command: TokenCommand) -> Done {
    match command {
        TokenCommand::Create(command) => create(common, command).await,
        TokenCommand::List { database } => list(common, database).await,
        TokenCommand::Revoke { id, database } => revoke(common, id, database).await,
    }
}

/// One line each, with tabs between, as other programs read it.
#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn list(common: CommonArgs, database: DatabaseArgs) -> Done {
    let settings = settings(common, database, None)?;
    with_database(&settings, async |pool| {
        let mut connection = pool.acquire().await?;
        let (call, mut request) = (administrator(), PageRequest::first(PAGE_SIZE_MAX));
        loop {
            let page = api_token_list(&mut connection, &call, &request).await?;
            for token in &page.items {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.word()).collect();
                let used = token.last_used_at.map_or("never".to_owned(), |at| at.to_rfc3339());
                let (id, prefix, name, status) =
                    (token.id, &token.prefix, &token.name, status(token.status(call.now)));
                println!("{id}\t{prefix}\t{name}\t{}\t{status}\t{used}", scopes.join(","));
            }
            match page.items.last().filter(|_| page.has_next) {
                Some(last) => request.start = Start::After(token_position(last)),
                None => return Ok(()),
            }
        }
    })
    .await
}

const fn status(status: TokenStatus) -> &'static str {
    match status {
        TokenStatus::Active => "active",
        TokenStatus::Expired => "expired",
        TokenStatus::Revoked(_) => "revoked",
        TokenStatus::WithoutPerson => "person deleted",
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn revoke(common: CommonArgs, id: TokenId, database: DatabaseArgs) -> Done {
    let settings = settings(common, database, None)?;
    let token = with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let token = api_token_revoke(&mut transaction, &administrator(), id).await?;
        transaction.commit().await?;
        Ok(token)
    })
    .await?;
    println!("{} works no more", token.name);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn create(common: CommonArgs, command: CreateCommand) -> Done {
    let holder = match command.person {
        Some(email) => TokenHolder::Person(usage(
            Email::parse(&email).map_err(|fault| Problem::invalid(Field::Email, fault)),
        )?),
        None => TokenHolder::System,
    };
    let mut scopes = command.scope;
    scopes.dedup();
    let new = NewApiToken {
        name: usage(Name::parse(&command.name).map_err(|fault| Problem::invalid(Field::Name, fault)))?,
        holder,
        scopes,
        valid_for: command.expires,
    };
    let settings = settings(common, command.database, None)?;
    let token = with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let token = api_token_create(&mut transaction, &administrator(), &new).await?;
        transaction.commit().await?;
        Ok(token)
    })
    .await?;
    println!("{}", token.text);
    Ok(())
}
