//! `/people/{id}/delete`: says what the deletion affects, and asks for the name to confirm it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::resources::people::model::PersonTraces;
use crate::resources::people::rules::confirmation;
use crate::ui::components::{
    ConfirmPage, FormButtons, FormFields, PostForm, Refusal, TextField, crumb, page_with_id,
};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::OWN_PERSON;
use crate::ui::paths;
use crate::ui::people::actions::PersonDelete;
use crate::ui::people::queries;
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonDeletionPage() -> impl IntoView {
    let own = Viewer::current().operator.map(|operator| operator.person.id);
    let fields = FormFields::unfocused(&["name"]);
    page_with_id(async move |id| {
        let (person, traces) = queries::person(id).await?;
        let name = confirmation(&person);
        let form = if own == Some(id) {
            view! { <Refusal text=OWN_PERSON /> }.into_any()
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
    view! {
        <dl class="facts">
            <dt>"Enrollments"</dt>
            <dd>
                {formats.count(traces.enrollments(), "loses its name", "lose their name")}
                {format!(" ({live} live, {removed} removed)")}
            </dd>
            <dt>"Groups"</dt>
            <dd>{formats.count(traces.groups, "loses its creator", "lose their creator")}</dd>
            <dt>"Log entries"</dt>
            <dd>{formats.count(log, "loses its link, and keeps the name", "lose their link, and keep the name")}</dd>
            <dt>"API tokens"</dt>
            <dd>{named(traces.tokens.iter().map(|token| token.name.as_str()), "stop working", "none of this person works")}</dd>
            <dt>"Sign-in"</dt>
            <dd>{named(traces.accounts.iter().map(|account| account.email.as_str()), "can no longer sign in", "this person has no account here")}</dd>
        </dl>
    }
}

/// `robot, nightly: stop working`
fn named<'a>(names: impl Iterator<Item = &'a str>, what: &str, none: &str) -> String {
    let names: Vec<_> = names.map(isolated).collect();
    if names.is_empty() { none.to_owned() } else { format!("{}: {what}", names.join(", ")) }
}
