//! The form above a list that can be searched, and the list with its position.

use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::ui::audit::components::matches;
use crate::ui::audit::view::NOBODY;
use crate::ui::components::prelude::*;
use crate::ui::find::view::{FindForm, Found, PARAMETERS, Rows};
use crate::ui::messages::SEARCH_TOO_BROAD;
use crate::ui::pagination::ROWS;

/// The words of a form, which depend on the list below it.
#[derive(Debug, Clone, Copy)]
pub struct FindWords {
    /// The label of the text, which is also its placeholder.
    pub text: &'static str,
    /// The label of the person, if the list is not already that of one.
    pub person: Option<&'static str>,
    /// The labels of the two moments; none if the list has no times to filter by.
    pub times: Option<[&'static str; 2]>,
}

/// `/find` reads the form and redirects to this page with ids and UTC instants. Its children are further fields.
#[component]
pub fn FindBar(
    form: FindForm,
    words: FindWords,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let here = Viewer::current().address();
    let FindForm { search, chosen, choices, moments, zone } = form;
    let cleared = PARAMETERS.iter().fold(here.first_page(), |address, name| address.without(name));
    let cleared = cleared.without("count").without("find").without("status").to_string();
    let is_filtered = PARAMETERS.iter().chain(&["status"]).any(|name| here.get(name).is_some());
    let is_narrowed = PARAMETERS.iter().skip(1).any(|name| here.get(name).is_some());
    let kept = ["tab", "sort"].into_iter().filter_map(|name| Some((name, here.get(name)?.to_owned())));
    let kept =
        kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let typed = here.get("find_person").unwrap_or_default().to_owned();
    let person = words.person.map(|label| match chosen {
        Some(choice) => {
            let remove = format!("Remove the filter {} {}", label.to_lowercase(), choice.name);
            view! {
                <div class="toolbar__field">
                    <span class="toolbar__label">{label}</span>
                    <input type="hidden" name="person" value=choice.id />
                    <span class="chip">
                        <bdi>{choice.name}</bdi>
                        " "
                        <a class="chip__remove" href=here.without("person").to_string() aria-label=remove>"×"</a>
                    </span>
                </div>
            }
            .into_any()
        }
        None => view! {
            <div class="toolbar__field">
                <label for="find_person">{label}</label>
                <input id="find_person" name="find_person" type="search" placeholder="Name or e-mail address" value=typed autocomplete="off" />
            </div>
            <label class="check"><input type="checkbox" name="nobody" value=NOBODY /> {format!("{label} no one")}</label>
        }
        .into_any(),
    });
    let times = words.times.map(|labels| {
        let fields = moments.into_iter().zip(labels);
        let fields = fields.map(|((name, value), label)| view! { <DayTimeFields name label value /> });
        view! { <input type="hidden" name="zone" value=zone /> {fields.collect_view()} }
    });
    let filters = (person.is_some() || times.is_some()).then(|| {
        view! {
            <details class="find__more" open=is_narrowed>
                <summary>"Filters"</summary>
                <div class="toolbar question">{person} {times}</div>
            </details>
        }
    });
    view! {
        <search>
            <form class="toolbar find" method="get" action=paths::FIND>
                <input type="hidden" name="page" value=page_of(&here) />
                {kept}
                <div class="toolbar__search">
                    <label class="visually-hidden" for="q">{words.text}</label>
                    <input id="q" name="q" type="search" placeholder=words.text value=search />
                </div>
                {children.map(|children| children())}
                <button class="button">"Find"</button>
                {is_filtered.then(|| view! { <a class="button button--quiet" href=cleared>"Clear"</a> })}
                {filters}
            </form>
        </search>
        {choices.map(|choices| matches(choices, &here))}
    }
}

fn page_of(here: &Address) -> String {
    here.to_string().split('?').next().unwrap_or_default().to_owned()
}

/// What a list shows that has no rows even without a search.
pub struct NoRows {
    pub title: &'static str,
    pub text: &'static str,
}

/// The list below a [`FindBar`], with its position, the `form` for its selected rows, and links to its other pages.
/// `all` is the link of [`all_matching`].
pub fn found_list<T, V: IntoView + 'static>(
    id: &'static str,
    found: Found<T>,
    none: NoRows,
    rows: impl FnOnce(Vec<T>) -> V,
    form: impl IntoView + 'static,
    all: Option<AnyView>,
) -> AnyView {
    let Found { rows: content, is_filtered, total, .. } = found;
    let here = Viewer::current().address().without("find");
    let ListPage { items, before, after } = match content {
        Rows::Page(page) => page,
        Rows::TooBroad => {
            return view! {
                <div id=id data-live><Empty title="Too many matches">{SEARCH_TOO_BROAD}</Empty></div>
            }
            .into_any();
        }
        Rows::Unresolved => {
            return view! {
                <div id=id data-live><Empty title="Nothing is shown yet">"Choose a person first."</Empty></div>
            }
            .into_any();
        }
    };
    let empty = if is_filtered {
        ("No match", "Nothing in this list matches the search and the filters.")
    } else {
        (none.title, none.text)
    };
    let start = before.as_ref().map_or(0, |_| {
        Viewer::current().query("row").and_then(|row| row.parse().ok()).unwrap_or(i64::from(ROWS))
    });
    let length = i64::try_from(items.len()).unwrap_or_default();
    // The last page knows the number of all rows.
    let total = total.or_else(|| after.is_none().then_some(start + length));
    let position = (length > 0).then(|| position(start, length, total, &here));
    view! {
        <div>
            {form}
            <div id=id data-live>{rows_or_empty(items, empty, rows)}</div>
        </div>
        <p class="muted position" id="position" data-live>{position} {all.map(|all| view! { " · " {all} })}</p>
        <Pager base=here before after start />
    }
    .into_any()
}

/// `1–50 of 760`, or `1–50` with a link that counts.
fn position(start: i64, length: i64, total: Option<i64>, here: &Address) -> AnyView {
    let formats = Formats::current();
    let rows = format!("{}–{}", formats.number(start + 1), formats.number(start + length));
    if let Some(total) = total {
        // Others may have changed the list since the first page was read.
        let total = formats.number(total.max(start + length));
        return view! { {format!("{rows} of {total}")} }.into_any();
    }
    let count = here.with_kept("count", "yes").to_string();
    view! { {rows} " · " <a href=count rel="nofollow">"Count"</a> }.into_any()
}

/// Links to the whole list as a file, with the search of the address.
#[component]
pub fn FoundFiles(group: GroupId) -> impl IntoView {
    let here = Viewer::current().address();
    let link = |format: &str| {
        let file = Address::of(&paths::group_export(group, format));
        file.with_those(&here, ["tab"].into_iter().chain(PARAMETERS)).to_string()
    };
    view! {
        <p class="files">
            "Export: " <a href=link("csv") download>"CSV"</a> " " <a href=link("ndjson") download>"NDJSON"</a>
        </p>
    }
}

/// A link to the page that confirms a change of all rows that a search has found, with their number if it is known. It is
/// beside the position of the list, because the form for the selected rows is shown only while some are selected. `None`:
/// there is no search, or nothing to change.
pub fn all_matching<T>(found: &Found<T>, page: &str, verb: &'static str) -> Option<AnyView> {
    let Rows::Page(ListPage { items, before, after }) = &found.rows else { return None };
    if !found.is_filtered || items.is_empty() {
        return None;
    }
    let is_whole = before.is_none() && after.is_none();
    let total = found.total.or_else(|| is_whole.then(|| i64::try_from(items.len()).unwrap_or_default()));
    let again = if verb == "Enroll" { " again" } else { "" };
    let text = match total {
        Some(1) => format!("{verb} the one that matches{again} …"),
        Some(total) => format!("{verb} all {} that match{again} …", Formats::current().number(total)),
        None => format!("{verb} all that match{again} …"),
    };
    let here = Viewer::current().address();
    let to = Address::of(page).with_those(&here, PARAMETERS.into_iter()).to_string();
    Some(view! { <a href=to>{text}</a> }.into_any())
}

/// A list of events that can be searched.
pub fn found_history(id: &'static str, found: Found<EnrollmentEvent>, of: TimelineOf) -> AnyView {
    let none = NoRows { title: "Nothing happened yet", text: "Enrollments and removals will appear here." };
    found_list(id, found, none, |events| view! { <Timeline events of /> }, (), None)
}

/// The address of another tab of this page with the same search.
pub fn with_search(tab: &str) -> String {
    let here = Viewer::current().address();
    Address::of(tab).with_those(&here, PARAMETERS.into_iter()).to_string()
}
