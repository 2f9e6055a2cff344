//! `groupdesk operator add`, `list`, `link`, `disable`, `enable`, `link-identity`, `unlink-identity`

use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};
use sqlx::PgConnection;

use super::database::with_database;
use super::{Done, Trouble, administrator, settings};
use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::page::{PAGE_SIZE_MAX, PageRequest, Start};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, Name, ShortText};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, Settings};
use crate::platform::failure::Outcome;
use crate::platform::oidc::settings::check_issuer;
use crate::resources::operators::model::{LINK_VALID_HOURS, OperatorStatus, operator_position};
use crate::resources::operators::ops::{
    NewOperator, Password, operator_add, operator_disable, operator_enable, operator_find, operator_link,
    operator_link_identity, operator_list, operator_unlink,
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
    /// Link an operator to their account at the identity provider
    ///
    /// For a provider that does not say whether e-mail addresses are verified.
    LinkIdentity(LinkIdentityCommand),
    /// End the link, and their sessions
    UnlinkIdentity(OneCommand),
}

#[derive(Args)]
pub(super) struct LinkIdentityCommand {
    /// The address that they sign in with
    #[arg(long)]
    email: String,
    /// The id of their account there ("sub"); the page on which they are refused shows it
    #[arg(long, value_name = "ID")]
    subject: String,
    /// The issuer, as "groupdesk serve" has it
    #[arg(long, env = "GROUPDESK_OIDC_ISSUER", value_name = "URL")]
    oidc_issuer: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
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
        OperatorCommand::LinkIdentity(command) => link_identity(common, command).await,
        OperatorCommand::UnlinkIdentity(command) => unlink_identity(common, command).await,
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

/// Changes the operator with this e-mail address, in one transaction.
async fn change<T>(
    settings: &Settings,
    email: &Email,
    change: impl AsyncFnOnce(&mut PgConnection, OperatorId) -> Outcome<T>,
) -> Result<T, Trouble> {
    with_database(settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let id = operator_find(&mut transaction, &administrator(), email).await?;
        let changed = change(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(changed)
    })
    .await
}

async fn link(common: CommonArgs, command: LinkCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, Some(command.address.into()))?;
    let link = change(&settings, &email, async |connection, id| {
        operator_link(connection, &administrator(), id).await
    })
    .await?;
    print_link(&settings, &link.secret);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn print_link(settings: &Settings, secret: &str) {
    warn_of_address(settings);
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
    change(&settings, &email, async |connection, id| {
        operator_disable(connection, &administrator(), id).await
    })
    .await?;
    println!("{email} cannot sign in any more");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn enable(common: CommonArgs, command: OneCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, None)?;
    change(&settings, &email, async |connection, id| operator_enable(connection, &administrator(), id).await)
        .await?;
    println!("{email} can sign in again");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn link_identity(common: CommonArgs, command: LinkIdentityCommand) -> Done {
    let email = email(&command.email)?;
    let subject =
        usage(ShortText::parse(&command.subject).map_err(|fault| Problem::invalid(Field::Subject, fault)))?;
    let settings = settings(common, command.database, None)?;
    let of_the_file = settings.oidc.oidc_issuer.clone();
    let given = command.oidc_issuer.filter(|issuer| !issuer.trim().is_empty());
    let issuer = given.or_else(|| of_the_file.clone()).ok_or_else(|| {
        Trouble::Usage("--oidc-issuer is missing: the link is to an account of this issuer".to_owned())
    })?;
    check_issuer(&issuer).map_err(Trouble::Usage)?;
    warn_of_issuer(&issuer, of_the_file.as_deref());
    change(&settings, &email, async |connection, id| {
        operator_link_identity(connection, &administrator(), id, &issuer, &subject).await
    })
    .await?;
    println!("{email} signs in as {} of {issuer}", subject.as_str());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn unlink_identity(common: CommonArgs, command: OneCommand) -> Done {
    let email = email(&command.email)?;
    let settings = settings(common, command.database, None)?;
    change(&settings, &email, async |connection, id| operator_unlink(connection, &administrator(), id).await)
        .await?;
    println!("{email} is linked to no account any more");
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
    if let Some(secret) = link {
        print_link(&settings, &secret);
    } else {
        warn_of_address(&settings);
        println!("{} can sign in at {}", command.email, settings.origin());
    }
    Ok(())
}

/// Says why an address that is printed may not lead anybody to the desk.
#[expect(clippy::print_stderr, reason = "beside the command's answer")]
fn warn_of_address(settings: &Settings) {
    if let Some(missing) = settings.without_public_url() {
        eprintln!("groupdesk: {missing}");
    } else if settings.is_known_here_alone() {
        eprintln!(
            "groupdesk: {} leads to the desk on this machine alone. For people on other machines give --public-url, the \
             address that they type",
            settings.origin()
        );
    }
}

/// A link to an account of another issuer than the one that the desk uses is never looked at.
#[expect(clippy::print_stderr, reason = "beside the command's answer")]
fn warn_of_issuer(issuer: &str, of_the_file: Option<&str>) {
    if let Some(other) = of_the_file.filter(|other| *other != issuer) {
        eprintln!(
            "groupdesk: the settings file has oidc_issuer {other}, and this is a link to an account of {issuer}: issuers \
             are compared to the letter, and a slash at the end counts"
        );
    }
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
