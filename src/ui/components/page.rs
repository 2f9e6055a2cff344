//! The frames of pages with the bar at their top, and the pages that replace one.

use std::str::FromStr;

use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::kernel::actor::Role;
use crate::resources::operators::model::Operator;
use crate::ui::components::prelude::*;
use crate::ui::islands::live::LiveUpdates;
use crate::ui::islands::page_enhancements::PageEnhancements;
use crate::ui::islands::palette::Palette;
use crate::ui::islands::shortcuts;
use crate::ui::locale::viewer_locale::Theme;
use crate::ui::messages::OUTAGE;

/// A page with its title, below the bar. It is narrow if it consists of one form. `crumbs` are the path and name of each
/// page above it, and `topics` those of its [`Live`] updates.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    #[prop(optional)] crumbs: Vec<(String, String)>,
    #[prop(optional)] topics: Vec<Topic>,
    #[prop(optional)] narrow: bool,
    children: Children,
) -> impl IntoView {
    let class = if narrow { "page page--narrow" } else { "page" };
    let crumbs = (!crumbs.is_empty()).then(|| {
        let links = crumbs.into_iter().map(|(path, text)| view! { <a href=path>{text}</a> });
        view! { <nav class="crumbs" aria-label="Breadcrumb">{links.collect_view()}</nav> }
    });
    // `leptos_meta` does not escape titles.
    let text = format!("{} · groupdesk", isolated(&title)).replace('&', "&amp;").replace('<', "&lt;");
    let footer = Viewer::current().operator.map(|_| {
        view! {
            <footer class="foot">
                <p>"Times are in " {Formats::current().zone()} ". " <a href=paths::PREFERENCES>"Change"</a></p>
                <p class="foot__links">
                    <button class="link" popovertarget=shortcuts::LIST>"Keyboard shortcuts"</button>
                    <a href=paths::API_DOCS>"API"</a>
                </p>
                <Shortcuts />
            </footer>
        }
    });
    view! {
        <Title text />
        <a class="skip" href="#content">"Skip to content"</a>
        <Bar />
        <main class=class id="content" tabindex="-1">
            <FlashMessage />
            {crumbs}
            {children()}
            {(!topics.is_empty()).then(|| view! { <Live topics /> })}
        </main>
        {footer}
        <PageEnhancements />
    }
}

/// The keys that `islands/shortcuts.rs` and `islands/palette.rs` listen to.
const KEYS: [(&str, &str); 8] = [
    ("Ctrl K", "Go to a group, workspace, person or page"),
    ("/", "Search on this page"),
    ("j", "Next row"),
    ("k", "Previous row"),
    ("Enter", "Open the row"),
    ("x", "Select the row"),
    ("a", "Actions for the selected rows"),
    ("?", "Show this list"),
];

/// A popover, which the browser opens and closes without a script.
#[component]
fn Shortcuts() -> impl IntoView {
    let keys = KEYS.iter().map(|(key, text)| view! { <dt><kbd>{*key}</kbd></dt><dd>{*text}</dd> });
    view! {
        <div class="keys" id=shortcuts::LIST popover role="dialog" aria-label="Keyboard shortcuts">
            <h2>"Keyboard shortcuts"</h2>
            <dl class="facts">{keys.collect_view()}</dl>
            <p class="hint">"They need JavaScript, and pause while you type."</p>
            <label class="check needs-script">
                <input type="checkbox" id=shortcuts::SWITCH checked />
                "Use single-key shortcuts in this browser"
            </label>
        </div>
    }
}

/// Shows the page that `load` makes, or why it cannot.
pub fn load_page<V: IntoView + 'static>(
    load: impl Future<Output = Result<V, UiError>> + Send + 'static,
) -> AnyView {
    let page = async { load.await.map_or_else(|error| error_page(error).into_any(), IntoAny::into_any) };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// [`load_page`] for an address with an `{id}`. There is no page for any other text in its place.
pub fn page_with_id<I, V, F>(load: impl FnOnce(I) -> F) -> AnyView
where
    I: FromStr,
    V: IntoView + 'static,
    F: Future<Output = Result<V, UiError>> + Send + 'static,
{
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    match id.parse() {
        Ok(id) => load_page(load(id)),
        Err(_) => view! { <NotFoundPage /> }.into_any(),
    }
}

fn error_page(error: UiError) -> impl IntoView {
    let title = match error.kind {
        UiErrorKind::NotFound => "Not found",
        UiErrorKind::SignedOut => "Signed out",
        UiErrorKind::Forbidden => "Not allowed",
        UiErrorKind::Refused => "Invalid request",
        UiErrorKind::TriedTooOften => "Too many attempts",
        UiErrorKind::Unavailable => OUTAGE,
        UiErrorKind::Busy => "The desk is busy",
        UiErrorKind::Fault | UiErrorKind::Unreachable => "Something went wrong",
    };
    replacement_page(title, view! { <ErrorMessage error /> })
}

#[component]
pub fn NotFoundPage() -> impl IntoView {
    AnswerStatus::set(404);
    let text = "There is no page at this address. The link may be outdated or incomplete.";
    replacement_page("Not found", view! { <p>{text}</p> })
}

fn replacement_page(title: &'static str, content: impl IntoView + 'static) -> impl IntoView {
    view! {
        <Page title narrow=true>
            <div class="card stack">
                <h1>{title}</h1>
                {content}
                <p><a class="button" href=paths::GROUPS>"All groups"</a></p>
            </div>
        </Page>
    }
}

pub fn crumb(path: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (path.into(), text.into())
}

/// A page that lists things. Its children are the list and what filters it.
#[component]
pub fn IndexPage(
    title: &'static str,
    /// The page that adds a thing, for those who may write: path and text.
    new: (&'static str, &'static str),
    topics: Vec<Topic>,
    children: Children,
) -> impl IntoView {
    let may_write = Viewer::current().may_write();
    let new = may_write.then(|| view! { <a class="button button--primary" href=new.0>{new.1}</a> });
    view! {
        <Page title topics>
            <div class="heading">
                <h1>{title}</h1>
                {new}
            </div>
            {children()}
        </Page>
    }
}

/// A page about one thing: its name, what can be done with it, and as children the rest. `part` is the tab that it shows,
/// if that is not the first one.
#[component]
pub fn DetailsPage(
    name: String,
    #[prop(optional_no_strip)] part: Option<&'static str>,
    list: (String, String),
    #[prop(optional)] mark: Option<AnyView>,
    #[prop(optional)] is_removed: bool,
    /// Path and text of each link.
    links: Vec<(String, &'static str)>,
    /// What is done rarely or cannot be undone, with the same.
    more: Vec<(String, &'static str)>,
    topics: Vec<Topic>,
    children: Children,
) -> impl IntoView {
    let title = part.map_or_else(|| name.clone(), |part| format!("{part} · {}", isolated(&name)));
    let links = links.into_iter().map(|(path, text)| view! { <a class="button" href=path>{text}</a> });
    let links = links.collect_view();
    let actions = (!links.is_empty() || !more.is_empty())
        .then(|| view! { <div class="actions heading__actions">{links} <More links=more /></div> });
    view! {
        <Page title crumbs=vec![list] topics>
            <div class="heading" id="heading" data-live>
                <h1>{mark} <bdi>{unbroken(&name)}</bdi></h1>
                {is_removed.then(|| view! { <span class="tag tag--danger">"archived"</span> })}
                {actions}
            </div>
            {children()}
        </Page>
    }
}

/// A quiet menu of links, which needs no script.
#[component]
pub fn More(links: Vec<(String, &'static str)>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        let links = links.into_iter().map(|(path, text)| view! { <li><a href=path>{text}</a></li> });
        view! {
            <details class="more">
                <summary class="button button--quiet">"More"</summary>
                <ul class="more__list">{links.collect_view()}</ul>
            </details>
        }
    })
}

/// The text with no line break before a middle dot, which many names contain.
pub fn unbroken(text: &str) -> String {
    text.replace(" · ", "\u{a0}· ")
}

/// A row of a `<dl class="facts">`.
#[component]
pub fn Fact(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}

/// Links to views of the same subject. With an `id`, live updates replace them.
pub fn tabs<T: PartialEq + Copy>(
    id: Option<&'static str>,
    label: &'static str,
    (tabs, current): (impl IntoIterator<Item = T>, T),
    path: impl Fn(T) -> String,
    text: impl Fn(T) -> String,
) -> AnyView {
    let link = |tab| {
        let is_current = (tab == current).then_some("page");
        view! { <a href=path(tab) aria-current=is_current>{text(tab)}</a> }
    };
    let links = tabs.into_iter().map(link).collect_view();
    view! { <nav class="tabs" id=id data-live=id.map(|_| "text") aria-label=label>{links}</nav> }.into_any()
}

/// After a change of one of these topics, elements with `data-live` and an `id` are replaced if they differ
/// (`islands/live.rs`). Topics that the viewer may not see are left out.
#[component]
pub fn Live(mut topics: Vec<Topic>) -> impl IntoView {
    let viewer = Viewer::current();
    let since = viewer.now.timestamp_millis();
    topics.retain(|topic| viewer.operator.as_ref().is_some_and(|operator| topic.is_for(operator.role)));
    view! { <LiveUpdates attr:data-events-url=paths::live(since, &topics) /> }
}

#[component]
fn Bar() -> impl IntoView {
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
    let admins = [("Tokens", paths::TOKENS), ("Operators", paths::OPERATORS)];
    paths::MAIN_PAGES.into_iter().chain(admins.into_iter().filter(move |_| role.may_write()))
}

/// Enrollments have no list of their own, and belong to the page of their group.
fn is_within(here: &str, path: &str) -> bool {
    path == paths::GROUPS && here.starts_with("/enrollments/")
        || here.strip_prefix(path).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('?') || path != paths::HOME && rest.starts_with('/')
        })
}

/// A popover, which the browser opens and closes without a script.
#[component]
fn Menu(operator: Operator) -> impl IntoView {
    let viewer = Viewer::current();
    let themes = Theme::VARIANTS.iter().map(|theme| {
        let pressed = if *theme == viewer.locale.theme { "true" } else { "false" };
        view! { <button class="choices__one" name="theme" value=theme.into_str() aria-pressed=pressed>{theme.name()}</button> }
    });
    let themes = themes.collect_view();
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
            // `islands/page_enhancements.rs` changes the theme without a reload.
            <PostForm action="/api/fn/preferences-set" class="choices" hidden=vec![(BACK, viewer.here)] attr:data-themes="">
                {themes}
            </PostForm>
            <a class="button" href=paths::ACCOUNT>"Account and preferences"</a>
            // The server functions belong to nouns, which components do not know.
            <PostButton action="/api/fn/sign-out" class="button button--wide" text="Sign out" />
        </div>
    }
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let (first, last) = (words.next(), words.next_back());
    first.into_iter().chain(last).collect()
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
        assert!(is_within("/enrollments/1", paths::GROUPS) && !is_within("/enrollments/1", paths::PEOPLE));
    }

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        assert_eq!(
            (initials("Ana Maria Lima"), initials("Cher"), initials("")),
            ("AL".into(), "C".into(), String::new())
        );
    }
}
