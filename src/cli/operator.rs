//! `groupdesk operator add`, `list`, `link`, `disable`, `enable`, `link-identity`, `unlink-identity`

use std::io::BufRead;

use clap::{Args, Subcommand, ValueEnum};
use sqlx::PgConnection;

use super::database::{with_database, with_transaction};
use super::output::{for_each, note, parsed, print, usage};
use super::{Done, Trouble, administrator, settings};
use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::page::PageRequest;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, Name, ShortText};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, Settings};
use crate::platform::failure::Outcome;
use crate::platform::oidc::settings::check_issuer;
use crate::resources::flows::invite_operator::operator_add;
use crate::resources::operators::model::{
    LINK_VALID_HOURS, LockedOperator, OperatorChange, OperatorStatus, operator_position,
};
use crate::resources::operators::ops::{
    NewOperator, Password, operator_change, operator_find, operator_link, operator_link_identity,
    operator_list,
};
use crate::ui::paths;

#[derive(Subcommand)]
pub(super) enum OperatorCommand {
    /// Add an operator and the person behind them
    ///
    /// Without --password-stdin a sign-in link is printed.
    Add(AddCommand),
    /// List the operators, newest first: e-mail address, role, status, last sign-in
    List {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Print a new sign-in link; this ends the password and all sessions
    Link(LinkCommand),
    /// End an operator's right to sign in, and their sessions
    Disable(TargetArgs),
    /// Restore the right to sign in
    Enable(TargetArgs),
    /// Link an operator to their account at the identity provider
    ///
    /// Needed for a provider that does not say whether e-mail addresses are verified.
    LinkIdentity(LinkIdentityCommand),
    /// Remove the link to the identity provider, and end the sessions
    UnlinkIdentity(TargetArgs),
}

#[derive(Args)]
pub(super) struct LinkIdentityCommand {
    #[command(flatten)]
    target: TargetArgs,
    /// The id of their account there ("sub"), which the page shows that refuses their sign-in
    #[arg(long, value_name = "ID")]
    subject: String,
    /// The issuer, spelled as for "groupdesk serve"
    #[arg(long, env = "GROUPDESK_OIDC_ISSUER", value_name = "URL")]
    oidc_issuer: Option<String>,
}

#[derive(Args)]
pub(super) struct LinkCommand {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    address: AddressArgs,
}

#[derive(Args)]
pub(super) struct TargetArgs {
    /// The e-mail address with which they sign in
    #[arg(long)]
    email: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args)]
pub(super) struct AddCommand {
    /// The e-mail address with which they will sign in
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
        OperatorCommand::Disable(target) => {
            change(common, target, "cannot sign in any more", async |connection, id| {
                operator_change(connection, &administrator(), id, OperatorChange::Disable).await
            })
            .await
        }
        OperatorCommand::Enable(target) => {
            change(common, target, "can sign in again", async |connection, id| {
                operator_change(connection, &administrator(), id, OperatorChange::Enable).await
            })
            .await
        }
        OperatorCommand::LinkIdentity(command) => link_identity(common, command).await,
        OperatorCommand::UnlinkIdentity(target) => {
            change(common, target, "is no longer linked to an account", async |connection, id| {
                operator_change(connection, &administrator(), id, OperatorChange::Unlink).await
            })
            .await
        }
    }
}

/// Prints one operator a line, with tabs as separators for other programs.
async fn list(common: CommonArgs, database: DatabaseArgs) -> Done {
    with_database(&settings(common, database, None)?, async |pool| {
        let mut connection = pool.acquire().await?;
        let call = administrator();
        let list = async |request: &PageRequest| operator_list(&mut connection, &call, request).await;
        for_each(list, operator_position, |operator| {
            let seen = operator.last_signed_in_at.map_or("never".to_owned(), |at| at.to_rfc3339());
            let (email, role) = (&operator.email, operator.role);
            let status = match operator.status {
                OperatorStatus::Active => "active",
                OperatorStatus::LinkPending(_) => "link pending",
                OperatorStatus::LinkExpired => "link expired",
                OperatorStatus::Disabled(_) => "disabled",
                OperatorStatus::WithoutPerson => "person deleted",
            };
            print(format_args!("{email}\t{role}\t{status}\t{seen}"));
        })
        .await
    })
    .await
}

/// Changes the operator with this e-mail address in one transaction.
async fn with_operator<T>(
    settings: &Settings,
    email: &Email,
    change: impl AsyncFnOnce(&mut PgConnection, OperatorId) -> Outcome<T>,
) -> Result<T, Trouble> {
    with_transaction(settings, async |connection| {
        let id = operator_find(connection, &administrator(), email).await?;
        Ok(change(connection, id).await?)
    })
    .await
}

/// Changes an operator, and reports the new state after their e-mail address.
async fn change(
    common: CommonArgs,
    target: TargetArgs,
    state: &str,
    change: impl AsyncFnOnce(&mut PgConnection, OperatorId) -> Outcome<LockedOperator>,
) -> Done {
    let email = parsed(Field::Email, Email::parse(&target.email))?;
    with_operator(&settings(common, target.database, None)?, &email, change).await?;
    print(format_args!("{email} {state}"));
    Ok(())
}

async fn link(common: CommonArgs, LinkCommand { target, address }: LinkCommand) -> Done {
    let email = parsed(Field::Email, Email::parse(&target.email))?;
    let settings = settings(common, target.database, Some(address.into()))?;
    let (_, secret) = with_operator(&settings, &email, async |connection, id| {
        operator_link(connection, &administrator(), id).await
    })
    .await?;
    print_link(&settings, &secret);
    Ok(())
}

fn print_link(settings: &Settings, secret: &str) {
    warn_of_address(settings);
    print(format_args!("{}{}", settings.origin(), paths::invitation(secret)));
    print(format_args!("This link signs in once, within {LINK_VALID_HOURS} hours, to choose a password."));
}

async fn link_identity(common: CommonArgs, command: LinkIdentityCommand) -> Done {
    let email = parsed(Field::Email, Email::parse(&command.target.email))?;
    let subject = parsed(Field::Subject, ShortText::parse(&command.subject))?;
    let settings = settings(common, command.target.database, None)?;
    let configured = settings.oidc.oidc_issuer.clone();
    let given = command.oidc_issuer.filter(|issuer| !issuer.trim().is_empty());
    let issuer = given.or_else(|| configured.clone()).ok_or_else(|| {
        Trouble::Usage("--oidc-issuer is missing: the link is to an account of this issuer".to_owned())
    })?;
    check_issuer(&issuer).map_err(Trouble::Usage)?;
    // The server ignores links to any other issuer.
    if let Some(other) = configured.filter(|other| *other != issuer) {
        note(format_args!(
            "groupdesk: the settings file has oidc_issuer {other}, but this links to an account of {issuer}. Issuers must \
             match exactly, and a slash at the end counts"
        ));
    }
    with_operator(&settings, &email, async |connection, id| {
        operator_link_identity(connection, &administrator(), id, &issuer, &subject).await
    })
    .await?;
    print(format_args!("{email} signs in as {} of {issuer}", subject.as_str()));
    Ok(())
}

async fn add(common: CommonArgs, command: AddCommand) -> Done {
    let new = NewOperator {
        email: parsed(Field::Email, Email::parse(&command.email))?,
        name: parsed(Field::Name, Name::parse(&command.name))?,
        role: command.role.into(),
        password: if command.password_stdin { Some(usage(Password::parse(read_password()?))?) } else { None },
    };
    let settings = settings(common, command.database, Some(command.address.into()))?;
    let link = with_transaction(&settings, async |connection| {
        Ok(operator_add(connection, &administrator(), new).await?)
    });
    if let Some(secret) = link.await? {
        print_link(&settings, &secret);
    } else {
        warn_of_address(&settings);
        print(format_args!("{} can sign in at {}", command.email, settings.origin()));
    }
    Ok(())
}

/// Warns if the printed address may not work for other people.
fn warn_of_address(settings: &Settings) {
    if let Some(missing) = settings.without_public_url() {
        note(format_args!("groupdesk: {missing}"));
    } else if settings.is_local_only() {
        note(format_args!(
            "groupdesk: {} only works on this machine. For people on other machines, set --public-url to the address that \
             they will use",
            settings.origin()
        ));
    }
}

fn read_password() -> Result<String, Trouble> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Trouble::Failed(format!("cannot read the password: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
