//! The bar at the top of every page: navigation, search, and the viewer's menu.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::actor::Role;
use crate::resources::operators::model::Operator;
use crate::ui::components::form::PostForm;
use crate::ui::islands::palette::Palette;
use crate::ui::locale::viewer_locale::Theme;
use crate::ui::paths;
use crate::ui::viewer::{BACK, Viewer};

/// The server functions belong to nouns, which components do not know.
const SIGN_OUT: &str = "/api/fn/sign-out";
const SET_PREFERENCES: &str = "/api/fn/preferences-set";

#[component]
pub fn Bar() -> impl IntoView {
    let viewer = Viewer::current();
    view! {
        <header class="bar">
            <div class="bar__inner">
                <a class="brand" href=paths::HOME>
                    <img src="/logo.svg" alt="" width="22" height="22" />
                    "groupdesk"
                </a>
                {viewer
                    .operator
                    .clone()
                    .map(|operator| {
                        view! {
                            <Navigation role=operator.role here=viewer.here.clone() />
                            <Search />
                            <Menu operator viewer=viewer.clone() />
                        }
                    })}
            </div>
        </header>
    }
}

/// The names and paths of the pages in the bar.
pub fn main_pages(role: Role) -> impl Iterator<Item = (&'static str, &'static str)> {
    let pages = [
        ("Overview", paths::HOME),
        ("Groups", paths::GROUPS),
        ("Workspaces", paths::WORKSPACES),
        ("People", paths::PEOPLE),
        ("Audit", paths::AUDIT),
    ];
    let admins = [("Tokens", paths::TOKENS), ("Operators", paths::OPERATORS)];
    pages.into_iter().chain(admins.into_iter().filter(move |_| role.may_write()))
}

/// Whether the address is this page or one below it.
fn is_within(here: &str, path: &str) -> bool {
    let below = here.strip_prefix(path);
    below.is_some_and(|rest| {
        rest.is_empty() || (path != paths::HOME && rest.starts_with(['/', '?'])) || rest.starts_with('?')
    })
}

#[component]
fn Navigation(role: Role, here: String) -> impl IntoView {
    view! {
        <nav class="bar__nav" aria-label="Main">
            {main_pages(role)
                .map(|(name, path)| {
                    let current = is_within(&here, path).then_some("page");
                    view! { <a href=path aria-current=current>{name}</a> }
                })
                .collect_view()}
        </nav>
    }
}

#[component]
fn Search() -> impl IntoView {
    view! {
        <search class="bar__search">
            <form method="get" action=paths::SEARCH>
                <label class="visually-hidden" for="everything">"Search everything"</label>
                <input id="everything" name="q" type="search" placeholder="Search everything" autocomplete="off" aria-keyshortcuts="Control+K Meta+K" />
                <kbd class="bar__key" aria-hidden="true">"Ctrl K"</kbd>
            </form>
        </search>
        <Palette />
    }
}

/// A popover, which the browser opens and closes without a script.
#[component]
fn Menu(operator: Operator, viewer: Viewer) -> impl IntoView {
    view! {
        <button class="button button--quiet button--small bar__me" popovertarget="me">
            <span class="visually-hidden">"Your menu: "</span>
            <span class="bar__name" dir="auto">{operator.person.name.clone()}</span>
            <span class="bar__initials" aria-hidden="true">{initials(&operator.person.name)}</span>
        </button>
        <div class="menu" id="me" popover>
            <p>
                <strong dir="auto">{operator.person.name}</strong> " " <span class="tag">{operator.role.into_str()}</span> <br />
                <span class="muted">{operator.email}</span>
            </p>
            <Themes current=viewer.locale.theme back=viewer.here />
            <a class="button" href=paths::ACCOUNT>"Account and preferences"</a>
            <PostForm action=SIGN_OUT class="">
                <button class="button button--wide">"Sign out"</button>
            </PostForm>
        </div>
    }
}

/// `AL`, for narrow screens.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).collect()
}

/// `islands/page_enhancements.rs` changes the theme without a reload.
#[component]
fn Themes(current: Theme, back: String) -> impl IntoView {
    view! {
        <PostForm action=SET_PREFERENCES class="choices" hidden=vec![(BACK, back)] attr:data-themes="">
            {Theme::VARIANTS
                .iter()
                .map(|&theme| {
                    let pressed = if theme == current { "true" } else { "false" };
                    view! { <button class="choices__one" name="theme" value=theme.into_str() aria-pressed=pressed>{theme.name()}</button> }
                })
                .collect_view()}
        </PostForm>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_includes_the_addresses_below_it() {
        assert!(is_within("/", paths::HOME) && is_within("/?days=7", paths::HOME));
        assert!(!is_within("/groups", paths::HOME));
        assert!(is_within("/groups/new", paths::GROUPS) && is_within("/groups?q=a", paths::GROUPS));
        assert!(!is_within("/groupsy", paths::GROUPS));
    }

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        assert_eq!(
            (initials("Ana Maria Lima"), initials("Cher"), initials("")),
            ("AL".into(), "C".into(), String::new())
        );
    }
}
