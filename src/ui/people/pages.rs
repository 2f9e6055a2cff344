//! The pages of people.

use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::people::rules::{confirmation, version};
use crate::ui::components::prelude::*;
use crate::ui::enrollments::components::{EnrollmentRows, RowsOf};
use crate::ui::find::components::{FindBar, FindWords, NoRows, found_list, with_search};
use crate::ui::groups::components::GroupTable;
use crate::ui::messages::OWN_PERSON;
use crate::ui::paths::PersonTab;
use crate::ui::people::actions::{PersonCreate, PersonDelete, PersonUpdate};
use crate::ui::people::queries::{self, people, person_activity, person_enrollments, person_groups};

#[component]
pub fn PeoplePage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let (page, total) = people(&viewer).await?;
        let empty = match viewer.address().get("q") {
            Some(search) => ("No matching people", format!("Nothing matches “{}”.", isolated(search))),
            None => ("No people yet", "They come from the platform, or an admin adds them here.".to_owned()),
        };
        Ok(view! {
            <IndexPage title="People" new=(paths::NEW_PERSON, "New person") topics=vec![Topic::PEOPLE]>
                <Toolbar action=paths::PEOPLE placeholder="Search people by name or e-mail" fields=&["q"] />
                <Total number=total nouns=("person", "people") />
                {list_or_empty("people", page, empty, table)}
            </IndexPage>
        })
    })
}

fn table(items: Vec<Person>) -> impl IntoView {
    let default = "last_name";
    let created = |person: &Person| view! { <Moment at=person.created_at /> };
    let columns = vec![
        Column::name("Name", |person: &Person| {
            let name = confirmation(person);
            view! { <a class="name" href=paths::person(person.id) dir="auto">{name}</a> }
        })
        .sorted("last_name", default, false),
        Column::text("E-mail address", |person: &Person| match person.email.clone() {
            Some(email) => email.into_any(),
            None => view! { <span class="muted">"none"</span> }.into_any(),
        }),
        Column::text("Created", created).sorted("created_at", default, true),
    ];
    view! { <DataTable caption="People" columns items row_id=|person| format!("person-{}", person.id) /> }
}

/// `/people/{id}`: what a person enrolled, did and created.
#[component]
pub fn PersonPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let (person, traces) = queries::person(id).await?;
        let tab = viewer.query("tab").and_then(|word| word.parse().ok()).unwrap_or_default();
        let shown = tab_view(id, tab, &traces).await?;
        let formats = Formats::current();
        let tab_facts = |tab| match tab {
            PersonTab::Enrolled => ("Enrolled", traces.enrollments()),
            PersonTab::Activity => ("Activity", traces.events),
            PersonTab::Groups => ("Groups created", traces.groups),
        };
        let text = |tab| {
            let (name, number) = tab_facts(tab);
            format!("{name} ({})", formats.number(number))
        };
        let part = (tab != PersonTab::Enrolled).then(|| tab_facts(tab).0);
        let all = (PersonTab::VARIANTS.iter().copied(), tab);
        let path = |tab| with_search(&paths::person_tab(id, tab));
        let tabs = tabs(Some("tabs"), "Parts of this person", all, path, text);
        let (mut links, mut more) = (Vec::new(), Vec::new());
        if viewer.may_write() {
            links.push((paths::person_edit(id), "Edit"));
            more.push((paths::person_deletion(id), "Delete person"));
        }
        Ok(view! {
            <DetailsPage
                name=confirmation(&person)
                list=crumb(paths::PEOPLE, "People")
                part
                links
                more
                topics=vec![Topic::person(id), Topic::ENROLLMENTS, Topic::GROUPS, Topic::OPERATORS, Topic::TOKENS]
            >
                <Facts person traces />
                {tabs}
                {shown}
            </DetailsPage>
        })
    })
}

async fn tab_view(id: PersonId, tab: PersonTab, traces: &PersonTraces) -> Result<AnyView, UiError> {
    let text = "Find a workspace or group";
    let words = FindWords { text, person: None, times: Some(["From", "Until"]) };
    Ok(match tab {
        PersonTab::Enrolled => {
            let none =
                NoRows { title: "No enrollments", text: "This person has not enrolled any workspace." };
            let mut found = person_enrollments(id, traces).await?;
            found.is_filtered |= Viewer::current().query("status").is_some();
            let form = found.form.clone();
            let rows = |rows| view! { <EnrollmentRows rows of=RowsOf::Person /> };
            let list = found_list("shown", found, none, rows, (), None);
            let options = vec![("", "Any"), ("live", "Live"), ("removed", "Removed")];
            let words = FindWords { times: Some(["Enrolled from", "Enrolled until"]), ..words };
            view! {
                <FindBar form words>
                    <Choose name="status" label="Status" options />
                </FindBar>
                {list}
            }
            .into_any()
        }
        PersonTab::Activity => {
            let found = person_activity(id).await?;
            let form = found.form.clone();
            let none = NoRows {
                title: "Nothing happened yet",
                text: "Enrollments and removals by this person will appear here.",
            };
            let timeline = |events| view! { <Timeline events of=TimelineOf::Everything /> };
            let list = found_list("shown", found, none, timeline, (), None);
            view! { <FindBar form words /> {list} }.into_any()
        }
        PersonTab::Groups => {
            let found = person_groups(id).await?;
            let form = found.form.clone();
            let none = NoRows { title: "No groups", text: "This person has not created any groups." };
            let list = found_list(
                "shown",
                found,
                none,
                |groups| {
                    view! { <GroupTable caption="Groups that the person created, newest first" groups of_one_creator=true /> }
                },
                (),
                None,
            );
            let words = FindWords { text: "Find a group", times: None, ..words };
            view! { <FindBar form words /> {list} }.into_any()
        }
    })
}

#[component]
fn Facts(person: Person, traces: PersonTraces) -> impl IntoView {
    let formats = Formats::current();
    let enrollments =
        format!("{} live, {} removed since", formats.number(traces.live), formats.number(traces.removed));
    let accounts = traces.accounts.into_iter().map(|account| (account.email, paths::operator(account.id)));
    let tokens = traces.tokens.into_iter().map(|token| (token.name, paths::token_at(token.id)));
    let (accounts, tokens) = (for_admins(accounts), for_admins(tokens));
    view! {
        <dl class="facts" id="facts" data-live>
            {person.email.map(|email| view! { <Fact name="E-mail address">{email}</Fact> })}
            <Fact name="Id"><code>{person.id.to_string()}</code></Fact>
            <Fact name="Created"><Moment at=person.created_at /></Fact>
            {accounts.map(|accounts| view! { <Fact name="Signs in as">{accounts}</Fact> })}
            {tokens.map(|tokens| view! { <Fact name="API tokens">{tokens}</Fact> })}
            <Fact name="Enrollments">{enrollments}</Fact>
        </dl>
    }
}

/// Names with commas between, each leading to a page of admins for those who may see it. `None`: there are none.
fn for_admins(names: impl Iterator<Item = (String, String)>) -> Option<AnyView> {
    let may_follow = Viewer::current().may_administer();
    let links = names.enumerate().map(|(index, (name, path))| {
        let comma = (index > 0).then_some(", ");
        if may_follow {
            view! { {comma} <a href=path dir="auto">{name}</a> }.into_any()
        } else {
            view! { {comma} <bdi>{name}</bdi> }.into_any()
        }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| links.into_any())
}

#[component]
pub fn NewPersonPage() -> impl IntoView {
    view! {
        <FormPage title="New person" crumbs=vec![crumb(paths::PEOPLE, "People")] may="create people">
            <PostForm action=PersonCreate::url()>
                <PersonFields />
                <FormButtons submit="Create person" cancel=paths::PEOPLE />
            </PostForm>
        </FormPage>
    }
}

#[component]
pub fn PersonEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let (person, _) = queries::person(id).await?;
        let name = confirmation(&person);
        let title = format!("Edit {}", isolated(&name));
        let crumbs = vec![crumb(paths::PEOPLE, "People"), crumb(paths::person(id), name)];
        Ok(view! {
            <FormPage title crumbs may="edit people">
                <PostForm action=PersonUpdate::url() hidden=vec![("person", id.to_string())]>
                    <PersonFields person />
                    <FormButtons submit="Save" cancel=paths::person(id) />
                </PostForm>
            </FormPage>
        })
    })
}

/// `/people/{id}/delete`: says what the deletion affects, and asks for the name to confirm it.
#[component]
pub fn PersonDeletionPage() -> impl IntoView {
    let own = Viewer::current().operator.map(|operator| operator.person.id);
    let fields = FormFields::unfocused(&["name"]);
    page_with_id(async move |id| {
        let (person, traces) = queries::person(id).await?;
        let name = confirmation(&person);
        let form = if own == Some(id) {
            refusal(OWN_PERSON)
        } else {
            let (hidden, typed) = (vec![("person", id.to_string())], name.clone());
            view! {
                <PostForm action=PersonDelete::url() class="stack" hidden>
                    <TextField form=fields name="name" required=true autocomplete="off" no_spellcheck=true>
                        "Type "
                        <strong dir="auto">{typed}</strong>
                        " to confirm"
                    </TextField>
                    <FormButtons submit="Delete person" danger=true cancel=paths::person(id) cancel_text="Keep them" />
                </PostForm>
            }
            .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Delete {}?", isolated(&name))
                crumbs=vec![crumb(paths::PEOPLE, "People"), crumb(paths::person(id), name)]
                explanation="The person is deleted for good; this cannot be undone. No enrollment, group or log entry is lost: they no longer refer to the person, and the logs keep the name as it was."
                may="delete people"
                facts=view! { <Losses traces /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
}

/// How many rows lose their creator, and what stops working.
#[component]
fn Losses(traces: PersonTraces) -> impl IntoView {
    let formats = Formats::current();
    let (live, removed) = (formats.number(traces.live), formats.number(traces.removed));
    let log = traces.events + traces.admin_events;
    let enrollments = formats.count(
        traces.enrollments(),
        "no longer shows who enrolled it",
        "no longer show who enrolled them",
    );
    let groups =
        formats.count(traces.groups, "no longer shows who created it", "no longer show who created them");
    let log = formats.count(log, "keeps the name without a link", "keep the name without a link");
    let tokens = traces.tokens.iter().map(|token| token.name.as_str());
    let tokens = named(tokens, "stop working", "no active tokens");
    let accounts = traces.accounts.iter().map(|account| account.email.as_str());
    let accounts = named(accounts, "can no longer sign in", "this person has no account here");
    view! {
        <dl class="facts">
            <Fact name="Enrollments">{format!("{enrollments} ({live} live, {removed} removed)")}</Fact>
            <Fact name="Groups">{groups}</Fact>
            <Fact name="Log entries">{log}</Fact>
            <Fact name="API tokens">{tokens}</Fact>
            <Fact name="Sign-in">{accounts}</Fact>
        </dl>
    }
}

/// `robot, nightly: stop working`
fn named<'a>(names: impl Iterator<Item = &'a str>, what: &str, none: &str) -> String {
    let names: Vec<_> = names.map(isolated).collect();
    if names.is_empty() { none.to_owned() } else { format!("{}: {what}", names.join(", ")) }
}

#[component]
fn PersonFields(#[prop(optional)] person: Option<Person>) -> impl IntoView {
    let form =
        FormFields::new(&["first_name", "last_name", "email"]).of_version(person.as_ref().map(version));
    let names = person.map(|person| (person.first_name, person.last_name, person.email.unwrap_or_default()));
    let (first_name, last_name, email) = names.unwrap_or_default();
    view! {
        {form.version()}
        <TextField form name="first_name" value=first_name max=NAME_MAX>"First name"</TextField>
        <TextField
            form
            name="last_name"
            value=last_name
            max=NAME_MAX
            hint="If the person has one name only, enter it in either field."
        >
            "Last name"
        </TextField>
        // Not of type "email": the server decides what an address is, and browsers disagree.
        <TextField
            form
            name="email"
            value=email
            max=EMAIL_MAX
            inputmode="email"
            autocomplete="off"
            no_spellcheck=true
            hint="Optional. No two people have the same."
        >
            "E-mail address"
        </TextField>
    }
}
