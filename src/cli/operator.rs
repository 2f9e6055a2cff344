//! `groupdesk operator add`

use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};

use super::database::with_database;
use super::{Done, Trouble, administrator, settings};
use crate::kernel::actor::Role;
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, LimitArgs};
use crate::resources::operators::model::LINK_VALID_HOURS;
use crate::resources::operators::ops::{NewOperator, Password, operator_add};
use crate::ui::paths;

#[derive(Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator and the person behind them
    ///
    /// Without --password-stdin a one-time sign-in link is printed.
    Add(AddCommand),
}

#[derive(Args)]
pub(super) struct AddCommand {
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// The name that the history shows
    #[arg(long)]
    name: String,
    /// What the operator may do
    #[arg(long, value_enum)]
    role: RoleArg,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    address: AddressArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    /// Reads everything
    Support,
    /// Reads everything and changes everything
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Support => Self::Support,
            RoleArg::Admin => Self::Admin,
        }
    }
}

pub(super) async fn run(common: CommonArgs, command: OperatorCommand) -> Done {
    match command {
        OperatorCommand::Add(command) => add(common, command).await,
    }
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn add(common: CommonArgs, command: AddCommand) -> Done {
    let new = NewOperator {
        email: usage(Email::parse(&command.email).map_err(|fault| Problem::invalid(Field::Email, fault)))?,
        name: usage(Name::parse(&command.name).map_err(|fault| Problem::invalid(Field::Name, fault)))?,
        role: command.role.into(),
        password: if command.password_stdin { Some(usage(Password::parse(read_password()?))?) } else { None },
    };
    let settings = settings(common, command.database, Some((command.address, LimitArgs::default())))?;
    let link = with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let link = operator_add(&mut transaction, &administrator(), new).await?;
        transaction.commit().await?;
        Ok(link)
    })
    .await?;
    match link {
        Some(secret) => println!(
            "{}{}\nThis link signs in once, within {LINK_VALID_HOURS} hours, to choose a password.",
            settings.origin(),
            paths::invitation(&secret)
        ),
        None => println!("{} can sign in at {}", command.email, settings.origin()),
    }
    Ok(())
}

/// A refused value of a flag is bad usage.
pub(super) fn usage<T>(parsed: Result<T, Problem>) -> Result<T, Trouble> {
    parsed.map_err(|problem| Trouble::Usage(super::told(&problem)))
}

fn read_password() -> Result<String, Trouble> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Trouble::Failed(format!("cannot read the password: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
