//! The pages of enrollments.

pub mod matching;

use crate::kernel::actor::PersonRef;
use crate::resources::enrollments::model::EnrollmentWithRelated;
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::model::settings::ReasonPolicy;
use crate::ui::components::prelude::*;
use crate::ui::enrollments::actions::{
    AttributionCorrect, EnrollmentRemove, EnrollmentsRemove, EnrollmentsRemoveAll,
};
use crate::ui::enrollments::components::{
    Created, EnrollmentRows, Readd, RemovedBy, RowsOf, SearchForm, creator_name, group_name, group_text,
    search_results, workspace_name, workspace_text,
};
use crate::ui::enrollments::queries::{
    self, creator, creator_candidates, enrollment_names, reason_policy, removal_preview,
};
use crate::ui::enrollments::view::{EnrollmentDetails, EnrollmentRow, NamedEnrollment, RemovalPreview};
use crate::ui::find::view::PARAMETERS;
use crate::ui::messages::REMOVED_ALREADY;

/// `/enrollments/{id}`: everything that is known about one enrollment.
#[component]
pub fn EnrollmentPage() -> impl IntoView {
    page_with_id(async |id| {
        let EnrollmentDetails { row, events, pair, live, document } = queries::enrollment(id).await?;
        let enrollment = row.item.enrollment.clone();
        let group = group_text(&row.item).to_owned();
        let title = format!("{} in {}", isolated(workspace_text(&row.item)), isolated(&group));
        let first = pair.items.first().filter(|_| pair.before.is_none());
        let of = RowsOf::Pair { current: id, first: first.map(|row| row.item.enrollment.id) };
        let (class, state) =
            if enrollment.is_live() { ("tag tag--done", "live") } else { ("tag tag--danger", "removed") };
        let empty = ("No history", "This enrollment was created outside groupdesk.");
        let history =
            rows_or_empty(events, empty, |events| view! { <Timeline events of=TimelineOf::Enrollment /> });
        let crumbs = vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(enrollment.group), group)];
        let base = Address::of(&paths::enrollment(id));
        Ok(view! {
            <Page title=title.clone() crumbs>
                <div class="heading" id="heading" data-live>
                    <h1>{unbroken(&title)}</h1>
                    <span class=class>{state}</span>
                    <Actions row=row.clone() live />
                </div>
                <div class="card" id="facts" data-live><Facts row live /></div>
                <h2>"History"</h2>
                <div id="events" data-live>{history}</div>
                <h2>"All enrollments of this workspace in this group"</h2>
                <div id="pair" data-live><EnrollmentRows rows=pair.items of /></div>
                <Pager base before=pair.before after=pair.after />
                <Live topics=vec![Topic::workspace(enrollment.workspace)] />
                <details>
                    <summary>"JSON:API document"</summary>
                    <pre class="document" id="document" tabindex="0" data-live><code>{document}</code></pre>
                </details>
            </Page>
        })
    })
}

/// `live`: the live enrollment of the pair.
#[component]
fn Actions(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let viewer = Viewer::current();
    let id = row.item.enrollment.id;
    let can_readd = row.item.group.is_some_and(|group| group.is_live())
        && row.item.workspace.is_some_and(|workspace| workspace.is_live());
    let change = match live {
        Some(live) if live == id => {
            let hidden = vec![("enrollment", id.to_string()), (BACK, viewer.here.clone())];
            view! { <PostButton action=EnrollmentRemove::url() hidden text="Remove" /> }.into_any()
        }
        None if can_readd => view! { <Readd id class="button" /> }.into_any(),
        Some(_) | None => ().into_any(),
    };
    let links = viewer.may_write().then(|| {
        view! { <a class="button button--quiet" href=paths::enrollment_creator(id)>"Change creator"</a> {change} }
    });
    view! {
        <div class="actions heading__actions">
            <button class="button button--quiet" type="button" aria-live="polite" data-copy=paths::enrollment(id)>"Copy link"</button>
            {links}
        </div>
    }
}

#[component]
fn Facts(row: EnrollmentRow, live: Option<EnrollmentId>) -> impl IntoView {
    let enrollment = row.item.enrollment.clone();
    let item = &row.item;
    let (workspace, group, creator) = (workspace_name(item), group_name(item), creator_name(item));
    let removed =
        (!enrollment.is_live()).then(|| view! { <Fact name="Removed"><RemovedBy row=row.clone() /></Fact> });
    let later = live.filter(|live| *live != enrollment.id).map(paths::enrollment);
    view! {
        <dl class="facts">
            <Fact name="Workspace">{workspace}</Fact>
            <Fact name="Group">{group}</Fact>
            <Fact name="Enrolled by">{creator}</Fact>
            <Fact name="Enrolled"><Moment at=enrollment.created_at /></Fact>
            {removed}
            {later.map(|path| view! { <Fact name="Since then"><a href=path>"The workspace is in the group again"</a></Fact> })}
            <Fact name="Last updated"><MomentOr at=enrollment.updated_at none="not recorded" /></Fact>
            <Fact name="Id"><code>{enrollment.id.to_string()}</code></Fact>
        </dl>
    }
}

/// `/enrollments/{id}/attribution`: changes the creator of an enrollment. An admin searches for a person or chooses
/// no one, and then confirms it.
#[component]
pub fn CreatorPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let NamedEnrollment { item, group, workspace } = enrollment_names(id).await?;
        let from = item.created_by.as_ref().map(Person::reference);
        let step = match viewer.query("person").as_deref() {
            Some(paths::NO_ONE) => view! { <Confirm id from to=None /> }.into_any(),
            Some(person) => {
                let Ok(person) = person.parse() else { return Ok(view! { <NotFoundPage /> }.into_any()) };
                let to = Some(creator(person).await?.reference());
                view! { <Confirm id from to /> }.into_any()
            }
            None => {
                let find = viewer.query("find").unwrap_or_default();
                let found = creator_candidates(&find).await?;
                view! { <Search id find found has_creator=from.is_some() /> }.into_any()
            }
        };
        let view = view! {
            <ConfirmPage
                title=format!("Who enrolled {} in {}?", isolated(&workspace.name), isolated(&group.name))
                crumbs=vec![
                    crumb(paths::group(group.id), group.name),
                    crumb(paths::enrollment(id), workspace.name),
                ]
                explanation="The history keeps both names and who changed them."
                may="change who enrolled a workspace"
                facts=view! { <Created item /> }.into_any()
            >
                {step}
            </ConfirmPage>
        };
        Ok(view.into_any())
    })
}

/// `found` is `None` before a search.
#[component]
fn Search(id: EnrollmentId, find: String, found: Option<Vec<Person>>, has_creator: bool) -> impl IntoView {
    let results = search_results("person", "People found", &find, found, |person| choice(id, person));
    view! {
        <SearchForm action=paths::enrollment_creator(id) text="Search people by name or e-mail" find />
        {results}
        <div class="actions">
            {has_creator.then(|| view! { <a class="button" href=paths::enrollment_creator_to(id, None)>"No one"</a> })}
            <a class="button button--quiet" href=paths::enrollment(id)>"Cancel"</a>
        </div>
    }
}

fn choice(id: EnrollmentId, person: Person) -> impl IntoView {
    let label = format!("Choose {}", person.display_name());
    let path = paths::enrollment_creator_to(id, Some(person.id));
    view! {
        <span>
            <PersonName person=Some(person.reference()) />
            {person.email.map(|email| view! { " " <span class="muted">{email}</span> })}
        </span>
        <a class="button button--small" href=path aria-label=label>"Choose"</a>
    }
}

#[component]
fn Confirm(id: EnrollmentId, from: Option<PersonRef>, to: Option<PersonRef>) -> impl IntoView {
    let person = to.as_ref().map_or_else(|| paths::NO_ONE.to_owned(), |person| person.id.to_string());
    let hidden = vec![("enrollment", id.to_string()), ("person", person), ("back", paths::enrollment(id))];
    view! {
        <p>"Change the creator from " <PersonName person=from /> " to " <PersonName person=to /> "?"</p>
        <ConfirmForm
            action=AttributionCorrect::url()
            hidden
            submit="Change creator"
            danger=false
            cancel=paths::enrollment_creator(id)
            cancel_text="Choose someone else"
            note=Note::Optional
        />
    }
}

/// `/enrollments/{id}/remove`: asks for confirmation, for those who come by a link from elsewhere.
#[component]
pub fn EnrollmentRemovalPage() -> impl IntoView {
    // The page that the link is on, if that is not the page of the group.
    let back = Viewer::current().query("back");
    page_with_id(async move |id: EnrollmentId| {
        let NamedEnrollment { item, group, workspace } = enrollment_names(id).await?;
        let policy = reason_policy(group.id).await?;
        let page = paths::group(group.id);
        let back = back.map_or_else(|| page.clone(), |back| paths::local_or_home(&back).to_owned());
        let form = if item.enrollment.is_live() {
            let hidden = vec![("enrollment", id.to_string()), ("back", back.clone())];
            let action = EnrollmentRemove::url();
            view! { <ConfirmForm action hidden submit="Remove" cancel=back note=Note::of(policy, 1) /> }
                .into_any()
        } else {
            refusal(REMOVED_ALREADY)
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {} from {}?", isolated(&workspace.name), isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(page, group.name)]
                explanation="The workspace leaves the group now. The history keeps who enrolled and who removed it, and you can enroll it again."
                may="remove workspaces"
                facts=view! { <Created item /> }.into_any()
            >
                {form}
            </ConfirmPage>
        })
    })
}

/// `/groups/{id}/removals`: asks for confirmation to remove several workspaces from a group. The address has the id of
/// each selected enrollment as `e`, or `all=yes`.
#[component]
pub fn EnrollmentRemovalsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let selected = viewer.queries(paths::SELECTED).iter().map(|text| text.parse()).collect();
    let Ok(selected): Result<Vec<EnrollmentId>, _> = selected else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let is_all = viewer.query("all").as_deref() == Some("yes");
    let is_searched = PARAMETERS.iter().any(|name| viewer.query(name).is_some());
    page_with_id(async move |group| {
        if is_all && is_searched {
            return matching::removal(group).await;
        }
        if selected.is_empty() && !is_all {
            return Ok(view! { <Nothing group /> }.into_any());
        }
        let preview = removal_preview(group, &selected).await?;
        Ok(if preview.count == 0 {
            view! { <Nothing group /> }.into_any()
        } else {
            view! { <ConfirmAll preview is_all /> }.into_any()
        })
    })
}

#[component]
fn Nothing(group: GroupId) -> impl IntoView {
    view! {
        <Page title="Nothing to remove" narrow=true>
            <h1>"Nothing to remove"</h1>
            <Empty title="None of these workspaces is in the group now">
                <a href=paths::group(group)>"Back to the group"</a>
            </Empty>
        </Page>
    }
}

#[component]
fn ConfirmAll(preview: RemovalPreview, is_all: bool) -> impl IntoView {
    let RemovalPreview { group, items, count, policy } = preview;
    let workspaces = Formats::current().count(count, "workspace", "workspaces");
    let page = paths::group(group.id);
    let mut hidden = vec![("group", group.id.to_string()), ("back", page.clone())];
    let submit = format!("Remove {workspaces}");
    let form = if is_all {
        hidden.push(("count", count.to_string()));
        view! { <EmptyingForm hidden count policy submit cancel=page.clone() /> }.into_any()
    } else {
        hidden.extend(items.iter().map(|item| ("enrollments[]", item.enrollment.id.to_string())));
        let (action, cancel) = (EnrollmentsRemove::url(), page.clone());
        let note = Note::of(policy, count);
        view! { <ConfirmForm action hidden submit cancel cancel_text="Keep them" note /> }.into_any()
    };
    view! {
        <ConfirmPage
            title=format!("Remove {workspaces} from {}?", isolated(&group.name))
            crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(page, group.name)]
            explanation="They leave the group now, all of them or none. The history keeps who enrolled and who removed them, and you can enroll them again."
            may="remove workspaces"
            facts=view! { <Names items count /> }.into_any()
        >
            {form}
        </ConfirmPage>
    }
}

/// The number is typed to confirm it, because a click could empty a group that someone else uses.
#[component]
fn EmptyingForm(
    hidden: Vec<(&'static str, String)>,
    count: i64,
    policy: ReasonPolicy,
    submit: String,
    cancel: String,
) -> impl IntoView {
    let (form, number) = (FormFields::unfocused(&["name"]), Formats::current().number(count));
    view! {
        <PostForm action=EnrollmentsRemoveAll::url() class="stack" hidden>
            <TextField form name="typed" fault="name" required=true inputmode="numeric" autocomplete="off" no_spellcheck=true>
                "Type "
                <strong>{number}</strong>
                " to confirm"
            </TextField>
            <NoteFields required=policy.requires(count) />
            <FormButtons submit danger=true cancel cancel_text="Keep them" />
        </PostForm>
    }
}

#[component]
fn Names(items: Vec<EnrollmentWithRelated>, count: i64) -> impl IntoView {
    let more = count - i64::try_from(items.len()).unwrap_or(i64::MAX);
    let names = items.iter().map(|item| view! { <li>{workspace_name(item)}</li> });
    view! {
        <ul class="plain">
            {names.collect_view()}
            {(more > 0).then(|| view! { <li class="muted">{format!("and {} more", Formats::current().number(more))}</li> })}
        </ul>
    }
}
