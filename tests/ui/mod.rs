//! The pages and their server functions, as a browser without JavaScript uses them.

mod abandoned;
mod account;
mod admin_log;
mod as_of;
mod assets;
mod audit;
mod bulk;
mod bulk_modes;
mod change_sets;
mod comparison;
mod concurrent_edits;
mod cookies;
mod double_submit_change;
mod double_submit_create;
mod enrolling;
mod enrollment;
mod exports;
mod fields;
mod find;
mod focus;
mod form_restore;
mod group_changes;
mod groups;
mod history;
mod invitations;
mod live;
mod live_regions;
mod names;
mod oidc;
mod operators;
mod overview;
mod pages;
mod people;
mod preferences;
mod roles;
mod search;
mod selections;
mod sessions;
mod signing_in;
mod spreadsheets;
mod throttle;
mod tokens;
mod wording;
mod workspaces;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use groupdesk::kernel::clock::Clock;
use groupdesk::platform::clock;

use crate::support::{Reply, client, get, post};

/// A clock, and the number of minutes that it is ahead.
fn clock_ahead() -> (Arc<AtomicI64>, Clock) {
    let ahead = Arc::new(AtomicI64::new(0));
    let minutes = Arc::clone(&ahead);
    let real = clock::system();
    let clock = Clock::new(move || real.now() + TimeDelta::minutes(minutes.load(Ordering::SeqCst)));
    (ahead, clock)
}
