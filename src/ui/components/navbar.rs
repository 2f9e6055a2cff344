//! The bar that leads everywhere: pages, search, and one's own menu.

use leptos::prelude::*;

use crate::kernel::actor::Role;
use crate::resources::operators::model::Operator;
use crate::ui::account::preferences::PreferencesSet;
use crate::ui::islands::palette::Palette;
use crate::ui::paths;
use crate::ui::sign_in::actions::OperatorSignOut;
use crate::ui::viewer::{Theme, Viewer};

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

/// Where one may go, and what of the address belongs there.
pub fn places(role: Role) -> impl Iterator<Item = (&'static str, &'static str)> {
    let everybodys = [
        ("Overview", paths::HOME),
        ("Groups", paths::GROUPS),
        ("Workspaces", paths::WORKSPACES),
        ("People", paths::PEOPLE),
        ("Audit", paths::AUDIT),
    ];
    let admins = [("Tokens", paths::TOKENS), ("Operators", paths::OPERATORS)];
    everybodys.into_iter().chain(admins.into_iter().filter(move |_| role.may_write()))
}

/// Is this page below that one?
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
            {places(role)
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

/// Opens, and closes at a click elsewhere or Escape, by the browser alone.
#[component]
fn Menu(operator: Operator, viewer: Viewer) -> impl IntoView {
    let sign_out = ServerAction::<OperatorSignOut>::new();
    view! {
        <button class="button button--quiet button--small bar__me" popovertarget="me">
            <span class="visually-hidden">"Your menu: "</span>
            <span class="bar__name" dir="auto">{operator.person.name.clone()}</span>
            <span class="bar__initials" aria-hidden="true">{initials(&operator.person.name)}</span>
        </button>
        <div class="menu" id="me" popover>
            <p>
                <strong dir="auto">{operator.person.name}</strong> " " <span class="tag">{operator.role.word()}</span> <br />
                <span class="muted">{operator.email}</span>
            </p>
            <Themes current=viewer.theme back=viewer.here />
            <a class="button" href=paths::ACCOUNT>"Account and preferences"</a>
            <ActionForm action=sign_out>
                <button class="button button--wide">"Sign out"</button>
            </ActionForm>
        </div>
    }
}

/// `AL`, for where a name has no room.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).collect()
}

/// Light or dark, at once; `islands/everywhere.rs` spares the reload.
#[component]
fn Themes(current: Theme, back: String) -> impl IntoView {
    let set = ServerAction::<PreferencesSet>::new();
    view! {
        <ActionForm action=set attr:class="choices" attr:data-themes="">
            <input type="hidden" name="back" value=back />
            {Theme::ALL
                .map(|theme| {
                    let pressed = if theme == current { "true" } else { "false" };
                    view! { <button class="choices__one" name="theme" value=theme.word() aria-pressed=pressed>{theme.name()}</button> }
                })
                .collect_view()}
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_within_what_its_address_begins_with() {
        assert!(is_within("/", paths::HOME) && is_within("/?days=7", paths::HOME));
        assert!(!is_within("/groups", paths::HOME));
        assert!(is_within("/groups/new", paths::GROUPS) && is_within("/groups?q=a", paths::GROUPS));
        assert!(!is_within("/groupsy", paths::GROUPS));
    }

    #[test]
    fn initials_are_the_first_and_the_last() {
        assert_eq!(
            (initials("Ana Maria Lima"), initials("Cher"), initials("")),
            ("AL".into(), "C".into(), String::new())
        );
    }
}
