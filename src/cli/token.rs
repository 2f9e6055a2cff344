//! `groupdesk token create`, `list`, `revoke`

use chrono::TimeDelta;
use clap::{ArgGroup, Args, Subcommand};

use super::database::with_transaction;
use super::output::{parse_id, parsed, print, print_list, time_or_never};
use super::{CommandResult, settings};
use crate::kernel::id::TokenId;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, Name};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::resources::api_tokens::model::{NewApiToken, Scope, TokenStatus, token_position};
use crate::resources::api_tokens::ops::{api_token_create, api_token_list, api_token_revoke};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Create a token and print it, and nothing else, on standard output; it cannot be shown again
    Create(CreateCommand),
    /// List the tokens, newest first: id, beginning, name, scopes, status, last use
    List(DatabaseArgs),
    /// End a token for good
    Revoke {
        /// The token's id, as in `token list`
        #[arg(value_parser = parse_id::<TokenId>)]
        id: TokenId,
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

#[derive(Args)]
#[command(group = ArgGroup::new("holder").required(true).args(["person", "system"]))]
pub(super) struct CreateCommand {
    /// What the token is for; the history shows this name
    #[arg(long)]
    name: String,
    /// What the token may do: read, write, pipeline, audit; separate several with commas
    #[arg(long, value_delimiter = ',', required = true, value_parser = parse_scope)]
    scope: Vec<Scope>,
    /// Act for the person with this e-mail address
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// Act for nobody: changes by the token have no actor
    #[arg(long)]
    system: bool,
    /// Expire after this time, as in 90d or 12h [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    expires: Option<TimeDelta>,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn parse_scope(word: &str) -> Result<Scope, String> {
    word.trim().parse().map_err(|_| "a scope is read, write, pipeline or audit".to_owned())
}

fn parse_time(text: &str) -> Result<TimeDelta, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match TimeDelta::from_std(time) {
        Ok(time) if time > TimeDelta::zero() && time < TimeDelta::days(36_525) => Ok(time),
        Ok(_) | Err(_) => Err("enter a time between one second and a hundred years".to_owned()),
    }
}

pub(super) async fn run(common: CommonArgs, command: TokenCommand) -> CommandResult {
    match command {
        TokenCommand::Create(command) => create(common, command).await,
        TokenCommand::List(database) => list(common, database).await,
        TokenCommand::Revoke { id, database } => {
            let settings = settings(common, database, ServingArgs::default())?;
            let revoke = async |connection: &mut _, call: &_| api_token_revoke(connection, call, id).await;
            let token = with_transaction(&settings, revoke).await?;
            print(format_args!("{} can no longer be used", token.name));
            Ok(())
        }
    }
}

async fn list(common: CommonArgs, database: DatabaseArgs) -> CommandResult {
    let settings = settings(common, database, ServingArgs::default())?;
    print_list(&settings, api_token_list, token_position, |token, now| {
        let scopes: Vec<&str> = token.scopes.iter().map(Scope::into_str).collect();
        let status = match token.status(now) {
            TokenStatus::Active => "active",
            TokenStatus::Expired => "expired",
            TokenStatus::Revoked(_) => "revoked",
            TokenStatus::WithoutPerson => "person deleted",
        };
        let (id, prefix, name) = (token.id.to_string(), token.prefix.clone(), token.name.clone());
        [id, prefix, name, scopes.join(","), status.to_owned(), time_or_never(token.last_used_at)]
    })
    .await
}

async fn create(common: CommonArgs, command: CreateCommand) -> CommandResult {
    let person = command.person.as_deref().map(Email::parse).transpose();
    let person = parsed(Field::Email, person)?;
    let mut scopes = command.scope;
    scopes.dedup();
    let name = parsed(Field::Name, Name::parse(&command.name))?;
    let new = NewApiToken { name, person, scopes, valid_for: command.expires };
    let settings = settings(common, command.database, ServingArgs::default())?;
    let create = async |connection: &mut _, call: &_| api_token_create(connection, call, &new).await;
    print(with_transaction(&settings, create).await?.text);
    Ok(())
}
