//! Who looks at a page, and when.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::address::{Address, parameter};
use super::flash::Flash;
use crate::kernel::version::Version;
use crate::resources::operators::model::Operator;

/// The field by which a form says what it showed when it was opened.
pub const VERSION: &str = "version";

/// The field that identifies a form which is sent twice. Each page generates its own value.
pub const FORM_KEY: &str = "form_key";

/// The field with the address of the page that a form is on, where a refused form leads back to.
pub const FORM_AT: &str = "form_at";

/// The field with the address that a form leads to when it succeeds.
pub const BACK: &str = "back";

/// Provided to every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// `None` on the pages that one sees signed out.
    pub operator: Option<Operator>,
    pub flash: Option<Flash>,
    pub now: DateTime<Utc>,
    /// The path and query of this page.
    pub here: String,
    pub theme: Theme,
    /// The zone that the browser said it is in; empty before it said so.
    pub browser_zone: String,
    /// What the identity provider is called, where there is one.
    pub provider: Option<String>,
    /// What the forms of this page hold as [`FORM_KEY`].
    pub form_key: String,
    /// The address of the desk, where it is known to be one with https.
    pub https: Option<String>,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// An unknown word leaves it to the system.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.word() == word).unwrap_or(Self::System)
    }
}

impl Viewer {
    pub fn current() -> Self {
        expect_context::<Self>()
    }

    /// All values of a parameter that may come more than once.
    pub fn queries(&self, name: &str) -> Vec<String> {
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
    }

    pub fn address(&self) -> Address {
        Address::of(&self.here)
    }

    /// A parameter of this page's address. Not by the router's map, which decodes values twice.
    pub fn query(&self, name: &str) -> Option<String> {
        parameter(&self.here, name)
    }

    /// Hides what cannot be done. Whether it may be done, the server function checks.
    pub fn may_write(&self) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.role.may_write())
    }

    /// What was typed into this field of the form that was refused just now, or else what it holds.
    pub fn typed_or(&self, field: &str, held: &str) -> String {
        let typed = self.flash.as_ref().and_then(|flash| flash.typed.get(field));
        typed.map_or_else(|| held.to_owned(), Clone::clone)
    }

    /// Which of a form's fields, in their order on the page, has the focus as it opens: after a refusal the first
    /// that it is about, after another message none, since that has it, and else the first.
    pub fn focus(&self, fields: &[&'static str]) -> Option<&'static str> {
        if self.flash.is_none() { fields.first().copied() } else { self.first_faulty(fields) }
    }

    /// [`Self::focus`] of a form that is not all that its page is for: it asks for none by itself.
    pub fn first_faulty(&self, fields: &[&'static str]) -> Option<&'static str> {
        fields.iter().copied().find(|field| self.fault(field).is_some())
    }

    /// Was the form that was refused just now opened when what it is about was another version than this?
    pub fn is_outdated(&self, now: Version) -> bool {
        self.flash
            .as_ref()
            .and_then(|flash| flash.typed.get(VERSION))
            .is_some_and(|seen| *seen != now.to_string())
    }

    /// As [`Self::may_write`].
    pub fn may_administer(&self) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.role.may_administer())
    }

    /// What was wrong with what was typed into this field of the form that was refused just now.
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.flash.as_ref().and_then(|flash| flash.faults.get(field)).map(String::as_str)
    }

    /// What was typed into the form that was refused just now.
    pub fn typed(&self, field: &str) -> String {
        self.flash.as_ref().map(|flash| flash.typed(field)).unwrap_or_default()
    }
}
