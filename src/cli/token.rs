//! `groupdesk token create`

use chrono::TimeDelta;
use clap::{ArgGroup, Args, Subcommand};

use super::database::with_database;
use super::operator::usage;
use super::{Done, administrator, settings};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name};
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::resources::api_tokens::model::{NewApiToken, Scope, TokenHolder};
use crate::resources::api_tokens::ops::api_token_create;

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, alone, on standard output; it is shown this once
    Create(CreateCommand),
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
    }
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
