//! `/audit/admin/export.csv` and `.ndjson`: the events that the page shows as a file, for admins.

use axum::Extension;
use axum::extract::RawQuery;
use axum::response::Response;

use crate::export::Subject;
use crate::export::table::Format;
use crate::ui::admin_events::queries::filter;
use crate::ui::server::download;
use crate::ui::server::prelude::*;

pub async fn file(
    format: Format,
    Extension(context): Extension<RequestContext>,
    RawQuery(query): RawQuery,
) -> Response {
    let here = Address::of(&format!("{}?{}", paths::ADMIN_LOG, query.unwrap_or_default()));
    let parameter = |name| here.get(name).unwrap_or_default();
    let answer = async {
        context.administer()?;
        let mut connection = context.state.pool.acquire().await?;
        let filter = filter(&mut connection, parameter("action"), parameter("person")).await?;
        drop(connection);
        let now = context.viewer.now;
        let name = format!("admin-events-{}", now.format("%Y%m%dT%H%M%SZ"));
        download::export(&context, Subject::admin_events_until(filter, now), format, &name).await
    };
    download::respond(&context, answer.await)
}
