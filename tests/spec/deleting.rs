//! "Deleting Resources".

use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use super::{ENROLLMENTS, GROUPS, NOBODY, PEOPLE, WORKSPACES, assert_refused, scene};
use crate::support::person;

#[database_test]
async fn deletion_returns_204_without_a_document(pool: PgPool) {
    let scene = scene(pool).await;
    let bo = person(&scene.app.pool, "Bo", "Ek", "bo@example.com").await;
    for path in
        [scene.enrollment_path(), scene.group_path(), scene.workspace_path(), format!("{PEOPLE}/{bo}")]
    {
        let answer = scene.api.delete(&path).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null), "{path}");
    }
    for list in [ENROLLMENTS, GROUPS, WORKSPACES] {
        assert_eq!(scene.api.get(list).await.ids(), Vec::<String>::new(), "{list}");
    }
    assert_eq!(scene.api.get(PEOPLE).await.ids(), [scene.person.as_str()]);
}

#[database_test]
async fn deletion_of_an_unknown_resource_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    for (list, code) in [
        (ENROLLMENTS, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND"),
        (GROUPS, "WORKSPACE_GROUP_NOT_FOUND"),
        (WORKSPACES, "WORKSPACE_NOT_FOUND"),
        (PEOPLE, "PEOPLE_NOT_FOUND"),
    ] {
        for id in [NOBODY, "42"] {
            let answer = scene.api.delete(&format!("{list}/{id}")).await;
            assert_refused(&answer, 404, code, Value::Null);
        }
    }
}
