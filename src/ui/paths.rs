//! Every address of the desk, made here and nowhere else.

use crate::kernel::id::{EnrollmentId, GroupId, ImportId, OperatorId, PersonId, TokenId, WorkspaceId};
use crate::kernel::topic::Topic;
use crate::ui::cookieless::{self, Cookieless};

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
/// Where signing in by the identity provider begins.
pub const OIDC: &str = "/login/oidc";
/// Where the provider sends browsers back to.
pub const OIDC_CALLBACK: &str = "/login/oidc/callback";
pub const GROUPS: &str = "/groups";
pub const NEW_GROUP: &str = "/groups/new";
pub const ENROLLMENTS: &str = "/enrollments";
pub const WORKSPACES: &str = "/workspaces";
pub const NEW_WORKSPACE: &str = "/workspaces/new";
pub const PEOPLE: &str = "/people";
pub const NEW_PERSON: &str = "/people/new";
pub const AUDIT: &str = "/audit";
/// Where the forms of the audit pages lead.
pub const AUDIT_GO: &str = "/audit/go";
pub const TOKENS: &str = "/tokens";
pub const OPERATORS: &str = "/operators";
pub const NEW_TOKEN: &str = "/tokens/new";
pub const NEW_OPERATOR: &str = "/operators/new";
/// The log of everything but enrollments.
pub const ADMIN_LOG: &str = "/audit/admin";
pub const ACCOUNT: &str = "/account";
/// Where time zone, region and theme are chosen.
pub const PREFERENCES: &str = "/account#preferences";
pub const SEARCH: &str = "/search";

pub use crate::kernel::paths::API_DOCS;

/// Where an open page hears of changes.
pub const LIVE: &str = "/live";

/// A secret follows.
const INVITATIONS: &str = "/invite/";

/// Where server functions live.
pub const FUNCTIONS: &str = "/api/fn";

/// What a group's page shows below its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupTab {
    Members,
    Removed,
    History,
}

impl GroupTab {
    pub const ALL: [Self; 3] = [Self::Members, Self::Removed, Self::History];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Removed => "removed",
            Self::History => "history",
        }
    }

    /// An unknown word shows the first tab: an old link should still lead to the group.
    pub fn from_word(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Self::Members)
    }
}

pub fn group(id: GroupId) -> String {
    format!("{GROUPS}/{id}")
}

/// Where a page made at this moment, in milliseconds since 1970, hears of changes of these topics.
pub fn live(since: i64, topics: &[Topic]) -> String {
    let topics = topics.iter().map(|topic| format!("&topic={topic}"));
    format!("{LIVE}?since={since}{}", topics.collect::<String>())
}

/// Where many workspaces are put into a group at once.
pub fn group_bulk(id: GroupId) -> String {
    format!("{GROUPS}/{id}/bulk")
}

/// Is it a path that [`group_bulk`] makes?
pub fn is_group_bulk(path: &str) -> bool {
    let id = path.strip_prefix(GROUPS).and_then(|rest| rest.strip_prefix('/')?.strip_suffix("/bulk"));
    id.is_some_and(|id| !id.contains('/'))
}

/// A list of workspaces for a group: before, while and after they are enrolled.
pub fn import(group: GroupId, id: ImportId) -> String {
    format!("{}/{id}", group_bulk(group))
}

/// The same with the lines of the kind of this word.
pub fn import_lines(group: GroupId, id: ImportId, kind: &str) -> String {
    format!("{}?show={kind}", import(group, id))
}

/// What each line of an import came to, as a file.
pub fn import_result(group: GroupId, id: ImportId) -> String {
    format!("{}/result.csv", import(group, id))
}

pub fn workspace(id: WorkspaceId) -> String {
    format!("{WORKSPACES}/{id}")
}

/// Workspaces that are in no group.
pub fn ungrouped_workspaces() -> String {
    format!("{WORKSPACES}?grouped=no")
}

pub fn person(id: PersonId) -> String {
    format!("{PEOPLE}/{id}")
}

/// What a workspace's page shows below its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceTab {
    Groups,
    Enrollments,
    History,
}

impl WorkspaceTab {
    pub const ALL: [Self; 3] = [Self::Groups, Self::Enrollments, Self::History];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Enrollments => "enrollments",
            Self::History => "history",
        }
    }

    pub fn from_word(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Self::Groups)
    }
}

pub fn workspace_tab(id: WorkspaceId, tab: WorkspaceTab) -> String {
    match tab {
        WorkspaceTab::Groups => workspace(id),
        WorkspaceTab::Enrollments | WorkspaceTab::History => format!("{}?tab={}", workspace(id), tab.word()),
    }
}

pub fn workspace_edit(id: WorkspaceId) -> String {
    format!("{}/edit", workspace(id))
}

/// Where the removal of a workspace is confirmed.
pub fn workspace_removal(id: WorkspaceId) -> String {
    format!("{}/remove", workspace(id))
}

/// What a person's page shows below its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonTab {
    Enrolled,
    Activity,
    Groups,
}

impl PersonTab {
    pub const ALL: [Self; 3] = [Self::Enrolled, Self::Activity, Self::Groups];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Activity => "activity",
            Self::Groups => "groups",
        }
    }

    pub fn from_word(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or(Self::Enrolled)
    }
}

pub fn person_tab(id: PersonId, tab: PersonTab) -> String {
    match tab {
        PersonTab::Enrolled => person(id),
        PersonTab::Activity | PersonTab::Groups => format!("{}?tab={}", person(id), tab.word()),
    }
}

pub fn person_edit(id: PersonId) -> String {
    format!("{}/edit", person(id))
}

/// Where the deletion of a person is confirmed.
pub fn person_deletion(id: PersonId) -> String {
    format!("{}/delete", person(id))
}

/// Where it is said in whose name an enrollment stands.
pub fn attribution(id: EnrollmentId) -> String {
    format!("{}/attribution", enrollment(id))
}

/// In the address above, and in its form: nobody's.
pub const NO_ONE: &str = "none";

/// With who was chosen, before it is confirmed; `None`: nobody.
pub fn attribution_to(id: EnrollmentId, person: Option<PersonId>) -> String {
    let person = person.map_or_else(|| NO_ONE.to_owned(), |person| person.to_string());
    format!("{}?person={person}", attribution(id))
}

pub fn enrollment(id: EnrollmentId) -> String {
    format!("{ENROLLMENTS}/{id}")
}

pub fn group_tab(id: GroupId, tab: GroupTab) -> String {
    match tab {
        GroupTab::Members => group(id),
        GroupTab::Removed | GroupTab::History => format!("{GROUPS}/{id}?tab={}", tab.word()),
    }
}

/// The page of a group, at this address, with what a search for workspaces to enroll finds.
pub fn group_search(group: &str, search: &str) -> String {
    if search.is_empty() { group.to_owned() } else { format!("{group}?find={}", encode(search)) }
}

/// Where the removal of a group is confirmed.
pub fn group_removal(id: GroupId) -> String {
    format!("{GROUPS}/{id}/remove")
}

/// Where the removal of what was ticked, or of all that is in a group, is confirmed.
pub fn group_removals(id: GroupId) -> String {
    format!("{GROUPS}/{id}/removals")
}

/// Of an enrollment that was ticked, in the address above.
pub const TICKED: &str = "e";

pub fn group_removals_of_all(id: GroupId) -> String {
    format!("{}?all=yes", group_removals(id))
}

/// Where a removal is confirmed.
pub fn removal(id: EnrollmentId) -> String {
    format!("{ENROLLMENTS}/{id}/remove")
}

/// The same, and then back to this page and not to the group's.
pub fn removal_from(id: EnrollmentId, back: &str) -> String {
    format!("{}?back={}", removal(id), encode(back))
}

/// Where a token is revoked.
pub fn revocation(id: TokenId) -> String {
    format!("{TOKENS}/{id}/revoke")
}

/// Its row in the list, where that is on the first page.
pub fn token_at(id: impl std::fmt::Display) -> String {
    format!("{TOKENS}#token-{id}")
}

pub fn operator(id: OperatorId) -> String {
    operator_at(&id.to_string())
}

/// The same from the text of a form.
pub fn operator_at(id: &str) -> String {
    format!("{OPERATORS}/{}", encode(id))
}

/// What is confirmed of an operator on a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorChange {
    Link,
    Role,
    Disable,
}

impl OperatorChange {
    pub const ALL: [Self; 3] = [Self::Link, Self::Role, Self::Disable];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Role => "role",
            Self::Disable => "disable",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.word() == word)
    }
}

pub fn operator_change(id: OperatorId, change: OperatorChange) -> String {
    format!("{}/{}", operator(id), change.word())
}

/// What was done by the person with this e-mail address, beside enrollments.
pub fn admin_log_of(email: &str) -> String {
    format!("{ADMIN_LOG}?person={}", encode(email))
}

/// Where a new operator chooses a password.
pub fn invitation(secret: &str) -> String {
    format!("{INVITATIONS}{secret}")
}

/// Sign in, and go on where one was going.
pub fn login_for(next: &str) -> String {
    leading_on(LOGIN, next)
}

/// The same by the identity provider.
pub fn oidc_for(next: &str) -> String {
    leading_on(OIDC, next)
}

/// The same, and there it says why the browser was not signed in.
pub fn login_without_cookies(next: &str, why: Cookieless) -> String {
    let login = login_for(next);
    let sign = if login.contains('?') { '&' } else { '?' };
    format!("{login}{sign}{}={}", cookieless::FIELD, why.word())
}

/// Is it a page on which somebody signs in?
pub fn begins_session(path: &str) -> bool {
    path == LOGIN || path.starts_with(INVITATIONS)
}

fn leading_on(path: &str, next: &str) -> String {
    if next == HOME { path.to_owned() } else { format!("{path}?next={}", encode(next)) }
}

/// A text as part of a query (RFC 3986: unreserved characters stay).
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Bytes. Longer than any of ours, and short enough for a header of what sends somebody there.
const LOCAL_MAX: usize = 4096;

/// An address that a form or a link asks to be sent to: only a path of ours will do, else home.
/// `//host` and `/\host` are other sites to a browser.
pub fn local_or_home(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= LOCAL_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if ours { path } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_gone_to() {
        assert_eq!(local_or_home(&format!("/{}", "x".repeat(LOCAL_MAX))), HOME);
        for ours in ["/", "/groups", "/groups/1?tab=removed"] {
            assert_eq!(local_or_home(ours), ours);
        }
        for other in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "groups", "/a\r\nSet-Cookie:x"]
        {
            assert_eq!(local_or_home(other), HOME, "{other}");
        }
    }

    #[test]
    fn what_follows_sign_in_is_encoded() {
        assert_eq!(login_for("/groups?q=a&b"), "/login?next=/groups%3Fq%3Da%26b");
        assert_eq!(login_for("/"), "/login");
        assert_eq!(login_without_cookies("/", Cookieless::Plain), "/login?cookies=plain");
        assert_eq!(login_without_cookies("/a", Cookieless::Blocked), "/login?next=/a&cookies=blocked");
    }
}
