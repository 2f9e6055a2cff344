//! All addresses of the web interface.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::kernel::id::{
    ChangeSetId, EnrollmentId, GroupId, ImportId, OperatorId, PersonId, TokenId, WorkspaceId,
};
use crate::kernel::topic::Topic;

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
pub const OIDC: &str = "/login/oidc";
pub const OIDC_CALLBACK: &str = "/login/oidc/callback";
pub const GROUPS: &str = "/groups";
pub const NEW_GROUP: &str = "/groups/new";
pub const WORKSPACES: &str = "/workspaces";
pub const NEW_WORKSPACE: &str = "/workspaces/new";
pub const UNGROUPED_WORKSPACES: &str = "/workspaces?grouped=no";
pub const PEOPLE: &str = "/people";
pub const NEW_PERSON: &str = "/people/new";
pub const AUDIT: &str = "/audit";
pub const AUDIT_GO: &str = "/audit/go";
/// Redirects to the page of a group, a workspace or a person with what a form above its list asks for.
pub const FIND: &str = "/find";
pub const ADMIN_LOG: &str = "/audit/admin";
pub const TOKENS: &str = "/tokens";
pub const NEW_TOKEN: &str = "/tokens/new";
pub const OPERATORS: &str = "/operators";
pub const NEW_OPERATOR: &str = "/operators/new";
pub const ACCOUNT: &str = "/account";
pub const PREFERENCES: &str = "/account#preferences";
pub const SEARCH: &str = "/search";
/// The page that asks for the reason of a refused change.
pub const REASON: &str = "/reason";

pub use crate::kernel::paths::{API_DOCS, MAIN_PAGES};

/// The stream of change notifications for open pages.
pub const LIVE: &str = "/live";
const INVITATIONS: &str = "/invite/";

pub const FUNCTIONS: &str = "/api/fn";
// The server functions that other pages than those of their noun send a form to.
pub const CHANGE_SET_UNDO: &str = "/api/fn/change-set-undo";
pub const ATTRIBUTION_CORRECT: &str = "/api/fn/attribution-correct";
pub const ENROLLMENT_READD: &str = "/api/fn/enrollment-readd";
pub const ENROLLMENT_REMOVE: &str = "/api/fn/enrollment-remove";
pub const ENROLLMENTS_READD: &str = "/api/fn/enrollments-readd";
pub const ENROLLMENTS_REFILL: &str = "/api/fn/enrollments-refill";
pub const ENROLLMENTS_REMOVE: &str = "/api/fn/enrollments-remove";
pub const OPERATOR_ENABLE: &str = "/api/fn/operator-enable";

/// The parameter of [`group_removals`] with the id of a selected enrollment.
pub const SELECTED: &str = "e";
/// The value of `person` that stands for no creator.
pub const NO_ONE: &str = "none";
/// The field of a form whose page set a cookie, and the parameter of [`LOGIN`] with the reason why it did not come back.
pub const COOKIES: &str = "cookies";

/// Why a browser has no cookie. A message about it cannot wait in the session, which needs a cookie as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Cookieless {
    /// The page was opened without TLS, which the cookies need.
    Plain,
    Blocked,
}

/// Declares functions that put their arguments, which need no encoding, into a path.
macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),+) = $path:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name($($argument: $type),+) -> String {
            format!($path)
        }
    )+};
}

paths! {
    group(id: GroupId) = "/groups/{id}";
    group_tab(id: GroupId, tab: GroupTab) = "/groups/{id}{tab}";
    group_removal(id: GroupId) = "/groups/{id}/remove";
    /// The page that confirms the removal of several workspaces from a group: those of [`SELECTED`], or all.
    group_removals(id: GroupId) = "/groups/{id}/removals";
    group_removals_of_all(id: GroupId) = "/groups/{id}/removals?all=yes";
    /// The page that confirms that workspaces are added again which a search found among the removed enrollments.
    group_readditions(id: GroupId) = "/groups/{id}/readditions";
    group_export(id: GroupId, format: &str) = "/groups/{id}/export.{format}";
    group_imports(id: GroupId) = "/groups/{id}/bulk";
    import(group: GroupId, id: ImportId) = "/groups/{group}/bulk/{id}";
    import_lines(group: GroupId, id: ImportId, kind: &str) = "/groups/{group}/bulk/{id}?show={kind}";
    import_result(group: GroupId, id: ImportId) = "/groups/{group}/bulk/{id}/result.csv";
    enrollment(id: EnrollmentId) = "/enrollments/{id}";
    enrollment_creator(id: EnrollmentId) = "/enrollments/{id}/attribution";
    group_settings(id: GroupId) = "/groups/{id}/settings";
    /// The page that moves or copies the workspaces of [`SELECTED`], of a search, or all, to another group.
    group_move(id: GroupId) = "/groups/{id}/move";
    group_move_of_all(id: GroupId) = "/groups/{id}/move?all=yes";
    change_set(id: ChangeSetId) = "/audit/changes/{id}";
    change_set_undo(id: ChangeSetId) = "/audit/changes/{id}/undo";
    workspace(id: WorkspaceId) = "/workspaces/{id}";
    workspace_edit(id: WorkspaceId) = "/workspaces/{id}/edit";
    workspace_removal(id: WorkspaceId) = "/workspaces/{id}/remove";
    workspace_tab(id: WorkspaceId, tab: WorkspaceTab) = "/workspaces/{id}{tab}";
    person(id: PersonId) = "/people/{id}";
    person_tab(id: PersonId, tab: PersonTab) = "/people/{id}{tab}";
    person_edit(id: PersonId) = "/people/{id}/edit";
    person_deletion(id: PersonId) = "/people/{id}/delete";
    token_revocation(id: TokenId) = "/tokens/{id}/revoke";
    /// The row of a token in the list, if it is on the first page.
    token_at(id: impl fmt::Display) = "/tokens#token-{id}";
    operator(id: OperatorId) = "/operators/{id}";
    operator_change(id: OperatorId, change: OperatorChange) = "/operators/{id}/{change}";
    invitation(secret: &str) = "/invite/{secret}";
}

/// Declares the tabs of a page, displayed as the query of their address. The first is the default; an unknown word
/// means it, so that an old link still leads to the page.
macro_rules! tabs {
    ($($name:ident { $first:ident $(, $tab:ident)* })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, EnumString, VariantArray)]
        #[strum(serialize_all = "snake_case", const_into_str)]
        pub enum $name {
            #[default]
            $first,
            $($tab,)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if *self == Self::default() { Ok(()) } else { write!(f, "?tab={}", self.into_str()) }
            }
        }
    )+};
}

tabs! {
    GroupTab { Members, Removed, History }
    WorkspaceTab { Groups, Enrollments, History }
    PersonTab { Enrolled, Activity, Groups }
}

/// The changes of an operator that have a page which asks for confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum OperatorChange {
    Link,
    Role,
    Disable,
}

/// The page of a group or workspace at the address `page`, with what matches a search in its box for enrolling.
pub fn search_at(page: &str, search: &str) -> String {
    if search.is_empty() { page.to_owned() } else { format!("{page}?find={}", encode(search)) }
}

/// [`group_imports`] from the text of a form; the list of groups if that is no id.
pub fn group_imports_at(group: &str) -> String {
    group.parse().map_or_else(|_| GROUPS.to_owned(), group_imports)
}

/// Whether this is the path of a page with a list that can be searched.
pub fn has_find_bar(path: &str) -> bool {
    let id = |base: &str| path.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
    id(GROUPS).is_some_and(|id| id.parse::<GroupId>().is_ok())
        || id(WORKSPACES).is_some_and(|id| id.parse::<WorkspaceId>().is_ok())
        || id(PEOPLE).is_some_and(|id| id.parse::<PersonId>().is_ok())
}

pub fn is_group_imports(path: &str) -> bool {
    let id = path.strip_prefix("/groups/").and_then(|rest| rest.strip_suffix("/bulk"));
    id.is_some_and(|id| !id.contains('/'))
}

/// [`import`] from the texts of a form; the page above if they are no ids.
pub fn import_at(group: &str, id: &str) -> String {
    match (group.parse(), id.parse()) {
        (Ok(group), Ok(id)) => import(group, id),
        (Ok(_) | Err(_), _) => group_imports_at(group),
    }
}

/// The page that brings back the membership of this moment, as an address writes it.
pub fn group_restore(id: GroupId, as_of: &str) -> String {
    format!("/groups/{id}/restore?as_of={}", encode(as_of))
}

/// [`REASON`] for the form with this key.
pub fn reason_for(key: &str) -> String {
    format!("{REASON}?form={}", encode(key))
}

/// [`enrollment_creator`] with a chosen person, to be confirmed; `None` is no one.
pub fn enrollment_creator_to(id: EnrollmentId, person: Option<PersonId>) -> String {
    let person = person.map_or_else(|| NO_ONE.to_owned(), |person| person.to_string());
    format!("{}?person={person}", enrollment_creator(id))
}

pub fn operator_at(id: &str) -> String {
    format!("{OPERATORS}/{}", encode(id))
}

pub fn admin_log_of(email: &str) -> String {
    format!("{ADMIN_LOG}?person={}", encode(email))
}

/// The change notifications of these topics since `since`, in milliseconds since 1970.
pub fn live(since: i64, topics: &[Topic]) -> String {
    let topics = topics.iter().map(|topic| format!("&topic={topic}"));
    format!("{LIVE}?since={since}{}", topics.collect::<String>())
}

pub fn login_for(next: &str) -> String {
    with_next(LOGIN, next)
}

pub fn oidc_for(next: &str) -> String {
    with_next(OIDC, next)
}

/// [`login_for`] with the reason why the browser has no cookie.
pub fn login_without_cookies(next: &str, reason: Cookieless) -> String {
    let sign = if next == HOME { '?' } else { '&' };
    format!("{}{sign}{}={}", login_for(next), COOKIES, reason.into_str())
}

pub fn begins_session(path: &str) -> bool {
    path == LOGIN || path.starts_with(INVITATIONS)
}

fn with_next(path: &str, next: &str) -> String {
    if next == HOME { path.to_owned() } else { format!("{path}?next={}", encode(next)) }
}

/// Unreserved characters (RFC 3986, section 2.3) and slashes stay as they are in a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// In bytes: more than any of our paths has, and few enough for a header with a redirect.
const LOCAL_MAX: usize = 4096;

/// Returns a path that came with a form or a link, or [`HOME`] if it might lead to another site. Browsers take `//host`
/// and `/\host` for other sites.
pub fn local_or_home(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= LOCAL_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_local { path } else { HOME }
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::ServerFn;

    use super::*;
    use crate::ui::changes::actions::ChangeSetUndo;
    use crate::ui::enrollments::actions::{
        AttributionCorrect, EnrollmentReadd, EnrollmentRemove, EnrollmentsReadd, EnrollmentsRefill,
        EnrollmentsRemove,
    };
    use crate::ui::operators::actions::OperatorEnable;

    #[test]
    fn only_local_paths_are_redirected_to() {
        assert_eq!(local_or_home(&format!("/{}", "x".repeat(LOCAL_MAX))), HOME);
        for local in ["/", "/groups", "/groups/1?tab=removed"] {
            assert_eq!(local_or_home(local), local);
        }
        for other in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "groups", "/a\r\nSet-Cookie:x"]
        {
            assert_eq!(local_or_home(other), HOME, "{other}");
        }
    }

    #[test]
    fn only_pages_of_one_thing_are_searched() {
        let id = "00000000-0000-4000-8000-000000000001";
        for path in [format!("/groups/{id}"), format!("/workspaces/{id}"), format!("/people/{id}")] {
            assert!(has_find_bar(&path), "{path}");
        }
        for path in [
            "/groups",
            "/groups/new",
            "//evil.example",
            "https://evil.example",
            &format!("/groups/{id}/bulk"),
        ] {
            assert!(!has_find_bar(path), "{path}");
        }
    }

    #[test]
    fn the_page_after_sign_in_is_encoded() {
        assert_eq!(login_for("/groups?q=a&b"), "/login?next=/groups%3Fq%3Da%26b");
        assert_eq!(login_for("/"), "/login");
        assert_eq!(login_without_cookies("/", Cookieless::Plain), "/login?cookies=plain");
        assert_eq!(login_without_cookies("/a", Cookieless::Blocked), "/login?next=/a&cookies=blocked");
    }

    #[test]
    fn paths_of_server_functions_are_their_urls() {
        assert_eq!(ATTRIBUTION_CORRECT, AttributionCorrect::url());
        assert_eq!(CHANGE_SET_UNDO, ChangeSetUndo::url());
        assert_eq!(ENROLLMENT_READD, EnrollmentReadd::url());
        assert_eq!(ENROLLMENT_REMOVE, EnrollmentRemove::url());
        assert_eq!(ENROLLMENTS_READD, EnrollmentsReadd::url());
        assert_eq!(ENROLLMENTS_REFILL, EnrollmentsRefill::url());
        assert_eq!(ENROLLMENTS_REMOVE, EnrollmentsRemove::url());
        assert_eq!(OPERATOR_ENABLE, OperatorEnable::url());
    }
}
