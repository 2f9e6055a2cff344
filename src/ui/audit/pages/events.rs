//! `/audit`: what happened, narrowed by anything that somebody on the phone may know.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::audit::components::{EventFields, Files, QuestionForm, Questions};
use crate::ui::audit::queries::{EventsShown, audit_events_read};
use crate::ui::audit::query::View;
use crate::ui::components::live_updates::Live;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::components::timeline::{Timeline, ToldOn};
use crate::ui::viewer::Viewer;

#[component]
pub fn AuditPage() -> impl IntoView {
    let here = Viewer::current().here;
    let page = async move {
        match audit_events_read(here).await {
            Ok(shown) => view! { <Events shown /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Events(shown: EventsShown) -> impl IntoView {
    let EventsShown { form, page } = shown;
    let base = Viewer::current().address().first_page().to_string();
    view! {
        <Page title="Audit">
            <Questions view=View::Events />
            <QuestionForm view=View::Events form=form.clone() button="Show">
                <EventFields form />
            </QuestionForm>
            <p class="hint">"A day alone is the whole day: from its beginning, until its end."</p>
            {(!page.items.is_empty()).then(|| view! { <Files view=View::Events /> })}
            <div id="events" data-live>
                {if page.items.is_empty() {
                    view! { <Empty title="Nothing of this kind happened">"Ask for less, or for a longer time."</Empty> }.into_any()
                } else {
                    view! { <Timeline events=page.items on=ToldOn::All /> }.into_any()
                }}
            </div>
            <Pager base before=page.before after=page.after />
            <Live topics=vec![Topic::ENROLLMENTS] />
        </Page>
    }
}
