//! `/v1/enrollment-events`

mod list;
mod order;
mod retrieve;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, ApiClient};

const PATH: &str = "/v1/enrollment-events";

/// Writes an event of an existing enrollment, with any action and source.
async fn event(
    pool: &PgPool,
    enrollment: &str,
    (action, source): (&str, &str),
    actor: Option<&str>,
    at: DateTime<Utc>,
) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, actor_people_pk, actor_name,
              workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT $2, $5, $3, p.pk, p.first_name || ' ' || p.last_name, e.pk, e.workspace_group_pk, e.workspace_pk
         FROM core_api.workspace_group_workspaces e LEFT JOIN core_api.peoples p ON p.people_id = $4::uuid
         WHERE e.workspace_group_workspace_id = $1::uuid
         RETURNING enrollment_event_id",
    )
    .bind(enrollment)
    .bind(action)
    .bind(source)
    .bind(actor)
    .bind(at)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

/// A page of events; the request must succeed.
async fn read(api: &ApiClient, query: &str) -> Answer {
    let answer = api.get(&format!("{PATH}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer
}

/// The complete resource object of an event, with its attributes and its relationships by name, type and
/// id.
fn resource(id: &str, attributes: Value, relationships: [(&str, &str, Option<&str>); 4]) -> Value {
    let this = format!("{PATH}/{id}");
    let mut resource = json!({
        "type": "enrollment_event",
        "id": id,
        "attributes": attributes,
        "links": { "self": this }
    });
    for (name, kind, end) in relationships {
        resource["relationships"][name] = json!({
            "data": end.map(|id| json!({ "type": kind, "id": id })),
            "links": {
                "self": format!("{this}/relationships/{name}"),
                "related": format!("{this}/{name}")
            }
        });
    }
    resource
}
