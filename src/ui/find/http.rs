//! Requests beside the lists that are not pages: the target of their forms, and the files of a group's lists.

use axum::Extension;
use axum::extract::{Path, RawQuery};
use axum::response::{Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};

use crate::export::Subject;
use crate::export::table::Format;
use crate::resources::enrollment_events::model::EventFilter;
use crate::resources::enrollments::model::{EnrollmentFilter, Liveness};
use crate::resources::workspace_groups::ops::group_get;
use crate::ui::audit::http::moment_parameter;
use crate::ui::audit::view::NOBODY;
use crate::ui::find::view::{Finding, MOMENTS, choices};
use crate::ui::paths::GroupTab;
use crate::ui::server::download;
use crate::ui::server::prelude::*;

/// `GET /find`: redirects from the names and local times of a form to the page with ids and UTC instants.
pub async fn go(Extension(context): Extension<RequestContext>) -> Response {
    let address = canonical(&context, &context.viewer.address()).await;
    download::respond(&context, address.map(|address| Redirect::to(&address.to_string())))
}

async fn canonical(context: &RequestContext, typed: &Address) -> Outcome<Address> {
    let page = typed.get("page").filter(|page| paths::has_find_bar(page)).unwrap_or(paths::GROUPS);
    let mut address = Address::of(page).with_those(typed, ["tab", "status", "sort", "q"].into_iter());
    let nobody = typed.get("nobody").map(|_| NOBODY);
    let text = typed.get("find_person").map(str::trim).filter(|text| !text.is_empty());
    if let Some(person) = nobody.or_else(|| typed.get("person")) {
        address = address.with("person", person);
    } else if let Some(text) = text {
        let choices = choices(&mut *context.state.pool.acquire().await?, text).await?;
        address = match choices.unique() {
            Some(choice) => address.with("person", &choice.id),
            None => address.with("find_person", text),
        };
    }
    let mut locale = context.viewer.locale;
    locale.zone = typed.get("zone").and_then(|zone| zone.parse().ok()).unwrap_or(locale.zone);
    for (name, edge) in MOMENTS {
        address = address.with(name, &moment_parameter(context.viewer.now, locale, typed, name, edge));
    }
    Ok(address)
}

/// `/groups/{id}/export.csv` and `.ndjson`: the whole list of a tab with its filter. Every operator may export.
pub async fn file(
    format: Format,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let here = Address::of(&format!("/?{}", query.unwrap_or_default()));
    let answer = async {
        context.operator()?;
        let group = form_id(&id)?;
        group_get(&mut *context.state.pool.acquire().await?, group, false).await?;
        let tab = here.get("tab").and_then(|tab| tab.parse().ok()).unwrap_or_default();
        let subject = subject(group, tab, &here, context.viewer.now)?;
        let stamp = context.viewer.now.format("%Y%m%dT%H%M%SZ");
        download::export(&context, subject, format, &format!("group-{}-{stamp}", tab.into_str())).await
    };
    download::respond(&context, answer.await)
}

/// What was live or removed at this time, because the file is read in parts.
fn subject(group: GroupId, tab: GroupTab, here: &Address, now: DateTime<Utc>) -> Result<Subject, Problem> {
    let finding = Finding::of(here)?;
    if finding.unresolved.is_some() {
        return Err(Problem::FilterUnknown(here.to_string()));
    }
    let of_group = EnrollmentFilter::in_group(group);
    Ok(match tab {
        GroupTab::Members => {
            let filter = EnrollmentFilter { liveness: Liveness::AsOf(now), ..of_group };
            Subject::Enrollments(finding.enrolled(filter))
        }
        GroupTab::Removed => {
            let mut filter = finding.removed(group);
            // Times have whole milliseconds.
            let end = now + TimeDelta::milliseconds(1);
            let before = filter.deleted_at.before.map_or(end, |before| before.min(end));
            filter.deleted_at.before = Some(before);
            Subject::Enrollments(filter)
        }
        GroupTab::History => {
            let filter = EventFilter { groups: vec![group], ..EventFilter::default() };
            Subject::events_until(finding.events(filter), now)
        }
    })
}
