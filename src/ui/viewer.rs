//! The viewer of a page.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::flash::Flash;
use crate::kernel::actor::ChangeNote;
use crate::kernel::version::Version;
use crate::resources::operators::model::Operator;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::pagination::Address;

/// The field with the version of the values that a form showed when it was opened.
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
    pub operator: Option<Operator>,
    pub flash: Option<Flash>,
    /// What the viewer last said about a change in this session.
    pub note: ChangeNote,
    pub now: DateTime<Utc>,
    pub here: String,
    pub locale: ViewerLocale,
    /// The name of the identity provider, if one is set up.
    pub provider: Option<String>,
    pub form_key: String,
    /// The public address, if it is known and uses https.
    pub https: Option<String>,
}

impl Viewer {
    pub fn current() -> Self {
        expect_context::<Self>()
    }

    /// All values of a parameter of the address. The router's map would decode them twice.
    pub fn queries(&self, name: &str) -> Vec<String> {
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        self.queries(name).into_iter().next()
    }

    pub fn address(&self) -> Address {
        Address::of(&self.here)
    }

    /// For hiding controls only; server functions check permissions themselves.
    pub fn may_write(&self) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.role.may_write())
    }

    pub fn may_administer(&self) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.role.may_administer())
    }

    /// The text that was typed into this field of a refused form, or the given value.
    pub fn typed_or(&self, field: &str, value: &str) -> String {
        let typed = self.flash.as_ref().and_then(|flash| flash.typed.get(field));
        typed.map_or(value, String::as_str).to_owned()
    }

    pub fn typed(&self, field: &str) -> String {
        self.typed_or(field, "")
    }

    pub fn fault(&self, field: &str) -> Option<&str> {
        self.flash.as_ref()?.error()?.fields.get(field).map(String::as_str)
    }

    /// The field that takes the focus when a page opens: the first faulty one after a refusal, none if there is another
    /// message, which takes it, and otherwise the first. `fields`: in their order on the page.
    pub fn focus(&self, fields: &[&'static str]) -> Option<&'static str> {
        if self.flash.is_none() { fields.first().copied() } else { self.first_faulty(fields) }
    }

    /// [`Self::focus`] for a form among other content, which takes it after a refusal only.
    pub fn first_faulty(&self, fields: &[&'static str]) -> Option<&'static str> {
        fields.iter().copied().find(|field| self.fault(field).is_some())
    }

    /// Whether the refused form showed another version than this.
    pub fn is_outdated(&self, now: Version) -> bool {
        let now = now.to_string();
        self.typed_or(VERSION, &now) != now
    }
}
