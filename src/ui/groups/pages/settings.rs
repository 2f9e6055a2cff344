//! The settings of a group.

use crate::resources::workspace_groups::model::settings::{GroupSettings, MANAGED_BY_MAX, ReasonPolicy};
use crate::ui::components::prelude::*;
use crate::ui::groups::actions::GroupSettingsSave;
use crate::ui::groups::queries::group_settings;

/// `/groups/{id}/settings`
#[component]
pub fn GroupSettingsPage() -> impl IntoView {
    page_with_id(async move |id| {
        let (group, settings) = group_settings(id).await?;
        let version = settings.version();
        let form = FormFields::unfocused(&["managed_by", "reason_above"]).of_version(Some(version));
        let GroupSettings { reason_policy, managed_by } = settings;
        let above = reason_policy.above().map(|above| above.to_string()).unwrap_or_default();
        let choices = vec![
            ("off", "Never", ""),
            ("required", "For every change", ""),
            ("required_above", "For changes to more than this many workspaces:", ""),
        ];
        let back = paths::group(id);
        Ok(view! {
            <FormPage
                title=format!("Settings of {}", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(back.clone(), group.name)]
                may="change the settings of groups"
            >
                <PostForm action=GroupSettingsSave::url() hidden=vec![("group", id.to_string())]>
                    {form.version()}
                    <RadioGroup name="reason_policy" legend="Require a reason" default=ReasonPolicy::word(reason_policy) choices>
                        <TextField form name="reason_above" value=above inputmode="numeric" hidden_label=true>
                            "Number of workspaces"
                        </TextField>
                    </RadioGroup>
                    <TextField
                        form
                        name="managed_by"
                        value=managed_by.as_ref().map(ToString::to_string).unwrap_or_default()
                        max=MANAGED_BY_MAX
                        hint="Optional. If it is set, the pages of the group warn before changes by hand."
                    >
                        "Managed by (the name of another system)"
                    </TextField>
                    <FormButtons submit="Save" cancel=back />
                </PostForm>
            </FormPage>
        })
    })
}
