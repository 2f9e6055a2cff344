//! What commands print and read: lines, progress bars, lists and the values of flags.

use std::fmt::Display;
use std::io::IsTerminal;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::{PgConnection, PgPool};

use super::database::with_database;
use super::{CommandError, CommandResult, administrator, sentence};
use crate::kernel::actor::PersonRef;
use crate::kernel::page::{PAGE_SIZE_MAX, Page, PageRequest, Position, Start};
use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::{Email, TextFault};
use crate::platform::call::{Administer, Call};
use crate::platform::config::Settings;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::people::ops::person_find_by_email;

#[expect(clippy::print_stdout, reason = "the result of a command")]
pub(super) fn print(line: impl Display) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "messages for the user")]
pub(super) fn note(line: impl Display) {
    eprintln!("{line}");
}

pub(super) fn progress_bar(length: u64, label: &'static str) -> ProgressBar {
    let is_visible = std::io::stderr().is_terminal();
    let target = if is_visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{msg:12} {wide_bar} {human_pos}/{human_len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length), target).with_style(style).with_message(label)
}

/// All items of a list.
pub(super) async fn collect<T>(
    read: impl AsyncFnMut(&PageRequest) -> Outcome<Page<T>>,
    position: impl Fn(&T) -> Position,
) -> CommandResult<Vec<T>> {
    let mut items = Vec::new();
    for_each_page(read, position, |page| items.extend(page)).await?;
    Ok(items)
}

/// Calls `each` for every item of a list, which is read page by page.
pub(super) async fn for_each<T>(
    read: impl AsyncFnMut(&PageRequest) -> Outcome<Page<T>>,
    position: impl Fn(&T) -> Position,
    each: impl Fn(&T),
) -> CommandResult {
    for_each_page(read, position, |page| page.iter().for_each(&each)).await
}

async fn for_each_page<T>(
    mut read: impl AsyncFnMut(&PageRequest) -> Outcome<Page<T>>,
    position: impl Fn(&T) -> Position,
    mut each: impl FnMut(Vec<T>),
) -> CommandResult {
    let mut request = PageRequest::first(PAGE_SIZE_MAX);
    loop {
        let page = read(&request).await?;
        let last = page.items.last().filter(|_| page.has_next).map(&position);
        each(page.items);
        match last {
            Some(last) => request.start = Start::After(last),
            None => return Ok(()),
        }
    }
}

/// Prints one item a line, with tabs as separators for other programs.
pub(super) async fn print_list<T, const N: usize>(
    settings: &Settings,
    list: impl AsyncFn(&mut PgConnection, &Call<Administer>, &PageRequest) -> Outcome<Page<T>>,
    position: impl Fn(&T) -> Position,
    columns: impl Fn(&T, DateTime<Utc>) -> [String; N],
) -> CommandResult {
    with_database(settings, async |pool| {
        let (mut connection, call) = (pool.acquire().await?, administrator());
        let read = async |request: &PageRequest| list(&mut connection, &call, request).await;
        for_each(read, position, |item| print(columns(item, call.now).join("\t"))).await
    })
    .await
}

/// The person with an e-mail address, as the actor of a command.
pub(super) async fn person_of(pool: &PgPool, email: Option<&Email>) -> CommandResult<Option<PersonRef>> {
    let Some(email) = email else { return Ok(None) };
    let person = person_find_by_email(&mut *pool.acquire().await?, email).await?;
    let unknown = || Failure::from(Problem::PersonEmailUnknown(email.to_string()));
    Ok(Some(person.ok_or_else(unknown)?.reference()))
}

pub(super) fn time_or_never(time: Option<DateTime<Utc>>) -> String {
    time.map_or("never".to_owned(), |at| at.to_rfc3339())
}

pub(super) fn usage<T>(value: Result<T, Problem>) -> CommandResult<T> {
    value.map_err(|problem| CommandError::Usage(sentence(&problem)))
}

pub(super) fn parsed<T>(field: Field, value: Result<T, TextFault>) -> CommandResult<T> {
    usage(value.map_err(|fault| Problem::invalid(field, fault)))
}

pub(super) fn parse_id<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "an id has the form a1b2c3d4-e5f6-7890-abcd-ef1234567890".to_owned())
}
