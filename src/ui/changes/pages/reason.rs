//! The page that asks for a reason after a group has refused a change without one.

use crate::ui::changes::queries::pending_form;
use crate::ui::components::prelude::*;
use crate::ui::messages::REASON_MISSING;

/// `/reason?form=…`: sends the refused form again, with a reason.
#[component]
pub fn ReasonPage() -> impl IntoView {
    let key = Viewer::current().query("form").unwrap_or_default();
    load_page(async move {
        let Some(form) = pending_form(&key).await? else {
            let nothing = view! {
                <FormPage title="Reason required" crumbs=Vec::new() may="make changes">
                    <Empty title="No change is waiting for a reason">
                        <a href=paths::GROUPS>"Groups"</a>
                    </Empty>
                </FormPage>
            };
            return Ok(nothing.into_any());
        };
        let cancel = form.form_at.clone();
        let fields = form.fields.into_iter().map(|(name, value)| {
            view! { <input type="hidden" name=name value=value /> }
        });
        let view = view! {
            <FormPage title="Reason required" crumbs=Vec::new() may="make changes">
                <form action=form.action method="post" class="card stack">
                    <FormKey />
                    {fields.collect_view()}
                    <p><strong dir="auto">{form.group_name}</strong> {REASON_MISSING}</p>
                    <NoteFields required=true reference=form.reference focused=true />
                    <FormButtons submit="Continue" cancel />
                </form>
            </FormPage>
        };
        Ok(view.into_any())
    })
}
