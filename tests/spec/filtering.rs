//! "Filtering".

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{ENROLLMENTS, EVENTS, GROUPS, PEOPLE, WORKSPACES, assert_refused, parameter, scene};

#[database_test]
async fn only_the_filter_family_filters(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    for (path, some, none) in [
        (ENROLLMENTS, format!("filter[workspace]={}", scene.workspace), "filter[status]=removed"),
        (GROUPS, "filter[q]=eme".to_owned(), "filter[q]=apac"),
        (WORKSPACES, "filter[external_workspace_id]=acme".to_owned(), "filter[q]=beta"),
        (PEOPLE, "filter[email]=ana@example.com".to_owned(), "filter[email]=bo@example.com"),
        (EVENTS, format!("filter[actor]={}", scene.person), "filter[actor]=none"),
    ] {
        assert_eq!(api.get(&format!("{path}?{some}")).await.ids().len(), 1, "{path} {some}");
        assert_eq!(api.get(&format!("{path}?{none}")).await.ids().len(), 0, "{path} {none}");
    }
    for (path, name) in [
        (ENROLLMENTS, "workspace"),
        (ENROLLMENTS, "status"),
        (ENROLLMENTS, "filter"),
        (ENROLLMENTS, "filter[color]"),
        (GROUPS, "q"),
        (GROUPS, "name"),
        (PEOPLE, "email"),
        (EVENTS, "actor"),
    ] {
        let answer = api.get(&format!("{path}?{name}=x")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
    }
}
