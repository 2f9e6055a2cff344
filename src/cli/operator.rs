//! `groupdesk operator add`, `list`, `link`, `disable`, `enable`

use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};

use super::database::with_database;
use super::{Done, Trouble, administrator, settings};
use crate::kernel::actor::Role;
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, Settings};
use crate::resources::operators::model::{LINK_VALID_HOURS, OperatorStatus, operator_position};
use crate::resources::operators::ops::{
    NewOperator, Password, operator_add, operator_disable, operator_enable, operator_find, operator_link,
    operator_list,
};
use crate::ui::paths;

#[derive(Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator and the person behind them
    ///
    /// Without --password-stdin a one-time sign-in link is printed.
    Add(AddCommand),
    /// List the operators, last added first: e-mail address, role, status, last sign-in
    List {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Print a new one-time sign-in link; the password and all sessions end
    Link(LinkCommand),
    /// End an operator's right to sign in, and their sessions
    Disable(OneCommand),
    /// Give it back
    Enable(OneCommand),
}

#[derive(Args)]
pub(super) struct LinkCommand {
    /// The address that they sign in with
    #[arg(long)]
    email: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    address: AddressArgs,
}

#[derive(Args)]
pub(super) struct OneCommand {
    /// The address that they sign in with
    #[arg(long)]
    email: String,
    #[command(flatten)]
    database: DatabaseArgs,
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
        OperatorCommand::List { database } => list(common, database).await,
        OperatorCommand::Link(command) => link(common, command).await,
        OperatorCommand::Disable(command) => disable(common, command).await,
        OperatorCommand::Enable(command) => enable(common, command).await,
    }
}

fn email(text: &str) -> Result<Email, Trouble> {
    usage(Email::parse(text).map_err(|fault| Problem::invalid(Field::Email, fault)))
}

/// One line each, with tabs between, as other programs read it.
#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn list(common: CommonArgs, database: DatabaseArgs) -> Done {
    let settings = settings(common, database, None)?;
    with_database(&settings, async |pool| {
        let mut connection = pool.acquire().await?;
        let mut request = PageRequest::first(PAGE_SIZE_MAX);
        loop {
            let page = operator_list(&mut connection, &administrator(), &request).await?;
            for operator in &page.items {
                let seen = operator.last_signed_in_at.map_or("never".to_owned(), |at| at.to_rfc3339());
                let (email, role, status) = (&operator.email, operator.role, status(operator.status));
                println!("{email}\t{role}\t{status}\t{seen}");
            }
            match page.items.last().filter(|_| page.has_next) {
                Some(last) => request.start = Start::After(operator_position(last)),
                None => return Ok(()),
            }
        }
    })
    .await
}

const fn status(status: OperatorStatus) -> &'static str {
    match status {
        OperatorStatus::Active => "active",
        OperatorStatus::LinkPending(_) => "link pending",
        OperatorStatus::LinkExpired => "link expired",
        OperatorStatus::Disabled(_) => "disabled",
        OperatorStatus::WithoutPerson => "person deleted",
    }
}

async fn link(common: CommonArgs, command: LinkCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, Some(command.address.into()))?;
    let link = with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let id = operator_find(&mut transaction, &administrator(), &email).await?;
        let link = operator_link(&mut transaction, &administrator(), id).await?;
        transaction.commit().await?;
        Ok(link)
    })
    .await?;
    print_link(&settings, &link.secret);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn print_link(settings: &Settings, secret: &str) {
    println!(
        "{}{}\nThis link signs in once, within {LINK_VALID_HOURS} hours, to choose a password.",
        settings.origin(),
        paths::invitation(secret)
    );
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn disable(common: CommonArgs, command: OneCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, None)?;
    with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let id = operator_find(&mut transaction, &administrator(), &email).await?;
        operator_disable(&mut transaction, &administrator(), id).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    println!("{email} cannot sign in any more");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn enable(common: CommonArgs, command: OneCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, None)?;
    with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let id = operator_find(&mut transaction, &administrator(), &email).await?;
        operator_enable(&mut transaction, &administrator(), id).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await?;
    println!("{email} can sign in again");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn add(common: CommonArgs, command: AddCommand) -> Done {
    let new = NewOperator {
        email: email(&command.email)?,
        name: usage(Name::parse(&command.name).map_err(|fault| Problem::invalid(Field::Name, fault)))?,
        role: command.role.into(),
        password: if command.password_stdin { Some(usage(Password::parse(read_password()?))?) } else { None },
    };
    let settings = settings(common, command.database, Some(command.address.into()))?;
    let link = with_database(&settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let link = operator_add(&mut transaction, &administrator(), new).await?;
        transaction.commit().await?;
        Ok(link)
    })
    .await?;
    match link {
        Some(secret) => print_link(&settings, &secret),
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
