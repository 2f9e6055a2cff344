//! The bar at the top of every page: navigation, search, and the viewer's menu.

use leptos::prelude::*;
use strum::VariantArray;

use crate::kernel::actor::Role;
use crate::resources::operators::model::Operator;
use crate::ui::components::form::PostForm;
use crate::ui::islands::palette::Palette;
use crate::ui::paths;
use crate::ui::viewer::{BACK, Theme, Viewer};

#[component]
pub fn Bar() -> impl IntoView {
    let Viewer { operator, here, .. } = Viewer::current();
    let link = |(name, path)| {
        let current = is_within(&here, path).then_some("page");
        view! { <a href=path aria-current=current>{name}</a> }
    };
    let signed_in = operator.map(|operator| {
        view! {
            <nav class="bar__nav" aria-label="Main">{main_pages(operator.role).map(link).collect_view()}</nav>
            <search class="bar__search">
                <form method="get" action=paths::SEARCH>
                    <label class="visually-hidden" for="everything">"Search everything"</label>
                    <input id="everything" name="q" type="search" placeholder="Search everything" autocomplete="off" aria-keyshortcuts="Control+K Meta+K" />
                    <kbd class="bar__key" aria-hidden="true">"Ctrl K"</kbd>
                </form>
            </search>
            <Palette />
            <Menu operator />
        }
    });
    view! {
        <header class="bar">
            <div class="bar__inner">
                <a class="brand" href=paths::HOME>
                    <img src="/logo.svg" alt="" width="22" height="22" />
                    "groupdesk"
                </a>
                {signed_in}
            </div>
        </header>
    }
}

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

fn is_within(here: &str, path: &str) -> bool {
    here.strip_prefix(path).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with('?') || path != paths::HOME && rest.starts_with('/')
    })
}

/// A popover, which the browser opens and closes without a script.
#[component]
fn Menu(operator: Operator) -> impl IntoView {
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
            <Themes />
            <a class="button" href=paths::ACCOUNT>"Account and preferences"</a>
            // The server functions belong to nouns, which components do not know.
            <PostForm action="/api/fn/sign-out" class="">
                <button class="button button--wide">"Sign out"</button>
            </PostForm>
        </div>
    }
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).collect()
}

/// `islands/page_enhancements.rs` changes the theme without a reload.
#[component]
fn Themes() -> impl IntoView {
    let viewer = Viewer::current();
    let button = |&theme: &Theme| {
        let pressed = if theme == viewer.theme { "true" } else { "false" };
        view! { <button class="choices__one" name="theme" value=theme.into_str() aria-pressed=pressed>{theme.name()}</button> }
    };
    let buttons = Theme::VARIANTS.iter().map(button).collect_view();
    let hidden = vec![(BACK, viewer.here)];
    view! { <PostForm action="/api/fn/preferences-set" class="choices" hidden attr:data-themes="">{buttons}</PostForm> }
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
