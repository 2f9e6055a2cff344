//! `/audit`: the log of enrollments.

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::ui::audit::components::{EventFields, Files, Heading, QuestionForm};
use crate::ui::audit::queries::events;
use crate::ui::audit::view::View;
use crate::ui::components::{Empty, Live, Page, Timeline, TimelineOf, load_page, paged_list};

#[component]
pub fn AuditPage() -> impl IntoView {
    load_page(async {
        let (form, page) = events().await?;
        let files = (!page.items.is_empty()).then(|| view! { <Files view=View::Events /> });
        let list = paged_list(
            "events",
            page,
            || {
                view! { <Empty title="No matching events">"Remove a filter or choose a longer period."</Empty> }.into_any()
            },
            |events| view! { <Timeline events of=TimelineOf::Everything /> }.into_any(),
        );
        Ok(view! {
            <Page title="Audit">
                <Heading view=View::Events />
                <QuestionForm view=View::Events form=form.clone() button="Show">
                    <EventFields form />
                </QuestionForm>
                <p class="hint">"If you leave out the time, the whole day is included."</p>
                {files}
                {list}
                <Live topics=vec![Topic::ENROLLMENTS] />
            </Page>
        })
    })
}
