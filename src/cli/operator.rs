//! `groupdesk operator add`, `list`, `link`, `disable`, `enable`, `link-identity`, `unlink-identity`

use std::io::{self, BufRead};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use sqlx::PgConnection;

use super::database::with_transaction;
use super::output::{note, parsed, print, print_list, time_or_never, usage};
use super::{CommandError, CommandResult, cannot, settings};
use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, Name, ShortText};
use crate::platform::call::{Administer, Call};
use crate::platform::config::{AddressArgs, CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::failure::Outcome;
use crate::platform::oidc::settings::check_issuer;
use crate::resources::flows::invite_operator::operator_add;
use crate::resources::operators::model::OperatorChange::{Disable, Enable, Unlink};
use crate::resources::operators::model::{
    LINK_VALID_HOURS, OperatorChange, OperatorStatus, operator_position,
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
    List(DatabaseArgs),
    /// Print a new sign-in link; this ends the password and all sessions
    Link {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        address: AddressArgs,
    },
    /// End an operator's right to sign in, and their sessions
    Disable(TargetArgs),
    /// Restore the right to sign in
    Enable(TargetArgs),
    /// Link an operator to their account at the identity provider
    ///
    /// Needed for a provider that does not say whether e-mail addresses are verified.
    LinkIdentity {
        #[command(flatten)]
        target: TargetArgs,
        /// The id of their account there ("sub"), which the page shows that refuses their sign-in
        #[arg(long, value_name = "ID")]
        subject: String,
        /// The issuer, spelled as for "groupdesk serve"
        #[arg(long, env = "GROUPDESK_OIDC_ISSUER", value_name = "URL")]
        oidc_issuer: Option<String>,
    },
    /// Remove the link to the identity provider, and end the sessions
    UnlinkIdentity(TargetArgs),
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
    #[arg(long, value_parser = roles())]
    role: Role,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    address: AddressArgs,
}

fn roles() -> impl TypedValueParser<Value = Role> {
    let help =
        [(Role::Support, "Reads everything"), (Role::Admin, "Reads everything and changes everything")];
    let values = help.map(|(role, help)| PossibleValue::new(role.into_str()).help(help));
    PossibleValuesParser::new(values).try_map(|word| word.parse::<Role>())
}

pub(super) async fn run(common: CommonArgs, command: OperatorCommand) -> CommandResult {
    match command {
        OperatorCommand::Add(command) => add(common, command).await,
        OperatorCommand::List(database) => list(common, database).await,
        OperatorCommand::Link { target, address } => link(common, target, address).await,
        OperatorCommand::Disable(target) => change(common, target, Disable, "cannot sign in any more").await,
        OperatorCommand::Enable(target) => change(common, target, Enable, "can sign in again").await,
        OperatorCommand::LinkIdentity { target, subject, oidc_issuer } => {
            link_identity(common, target, &subject, oidc_issuer).await
        }
        OperatorCommand::UnlinkIdentity(target) => {
            change(common, target, Unlink, "is no longer linked to an account").await
        }
    }
}

async fn list(common: CommonArgs, database: DatabaseArgs) -> CommandResult {
    let settings = settings(common, database, ServingArgs::default())?;
    print_list(&settings, operator_list, operator_position, |operator, _| {
        let status = match operator.status {
            OperatorStatus::Active => "active",
            OperatorStatus::LinkPending(_) => "link pending",
            OperatorStatus::LinkExpired => "link expired",
            OperatorStatus::Disabled(_) => "disabled",
            OperatorStatus::WithoutPerson => "person deleted",
        };
        let last_sign_in = time_or_never(operator.last_signed_in_at);
        [operator.email.clone(), operator.role.to_string(), status.to_owned(), last_sign_in]
    })
    .await
}

async fn with_operator<T>(
    settings: &Settings,
    email: &Email,
    change: impl AsyncFnOnce(&mut PgConnection, &Call<Administer>, OperatorId) -> Outcome<T>,
) -> CommandResult<T> {
    with_transaction(settings, async |connection, call| {
        let id = operator_find(connection, call, email).await?;
        change(connection, call, id).await
    })
    .await
}

async fn change(common: CommonArgs, target: TargetArgs, to: OperatorChange, state: &str) -> CommandResult {
    let email = parsed(Field::Email, Email::parse(&target.email))?;
    let settings = settings(common, target.database, ServingArgs::default())?;
    let change = async |connection: &mut _, call: &_, id| operator_change(connection, call, id, to).await;
    with_operator(&settings, &email, change).await?;
    print(format_args!("{email} {state}"));
    Ok(())
}

async fn link(common: CommonArgs, target: TargetArgs, address: AddressArgs) -> CommandResult {
    let email = parsed(Field::Email, Email::parse(&target.email))?;
    let settings = settings(common, target.database, ServingArgs { address, ..ServingArgs::default() })?;
    let (_, secret) = with_operator(&settings, &email, operator_link).await?;
    print_link(&settings, &secret);
    Ok(())
}

fn print_link(settings: &Settings, secret: &str) {
    warn_of_address(settings);
    print(format_args!("{}{}", settings.origin(), paths::invitation(secret)));
    print(format_args!("This link signs in once, within {LINK_VALID_HOURS} hours, to choose a password."));
}

async fn link_identity(
    common: CommonArgs,
    target: TargetArgs,
    subject: &str,
    issuer: Option<String>,
) -> CommandResult {
    let email = parsed(Field::Email, Email::parse(&target.email))?;
    let subject = parsed(Field::Subject, ShortText::parse(subject))?;
    let settings = settings(common, target.database, ServingArgs::default())?;
    let configured = settings.oidc.oidc_issuer.as_ref();
    let given = issuer.filter(|issuer| !issuer.trim().is_empty());
    let missing = || "--oidc-issuer is missing: the link is to an account of this issuer".to_owned();
    let issuer = given.or_else(|| configured.cloned()).ok_or_else(missing).map_err(CommandError::Usage)?;
    check_issuer(&issuer).map_err(CommandError::Usage)?;
    // The server ignores links to any other issuer.
    if let Some(other) = configured.filter(|other| **other != issuer) {
        note(format_args!(
            "groupdesk: the settings file has oidc_issuer {other}, but this links to an account of {issuer}. Issuers must \
             match exactly, and a slash at the end counts"
        ));
    }
    with_operator(&settings, &email, async |connection, call, id| {
        operator_link_identity(connection, call, id, &issuer, &subject).await
    })
    .await?;
    print(format_args!("{email} signs in as {} of {issuer}", subject.as_str()));
    Ok(())
}

async fn add(common: CommonArgs, command: AddCommand) -> CommandResult {
    let new = NewOperator {
        email: parsed(Field::Email, Email::parse(&command.email))?,
        name: parsed(Field::Name, Name::parse(&command.name))?,
        role: command.role,
        password: if command.password_stdin { Some(usage(Password::parse(read_password()?))?) } else { None },
    };
    let serving = ServingArgs { address: command.address, ..ServingArgs::default() };
    let settings = settings(common, command.database, serving)?;
    let add = async |connection: &mut _, call: &_| operator_add(connection, call, new).await;
    if let Some(secret) = with_transaction(&settings, add).await? {
        print_link(&settings, &secret);
    } else {
        warn_of_address(&settings);
        print(format_args!("{} can sign in at {}", command.email, settings.origin()));
    }
    Ok(())
}

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

fn read_password() -> CommandResult<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(cannot("read the password"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
