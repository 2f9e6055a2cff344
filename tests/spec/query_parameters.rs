//! "Query Parameters", and the appendix on their encoding.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use super::{
    ENROLLMENTS, EVENTS, GROUPS, LISTS, WORKSPACES, assert_refused, named_group, parameter, scene, send,
};
use crate::support::{Answer, group};

#[database_test]
async fn unknown_parameters_are_400(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let mut paths: Vec<String> = LISTS.map(str::to_owned).to_vec();
    paths.extend(scene.singles().await);
    for (path, name) in scene.relationships().await {
        paths.push(format!("{path}/{name}"));
        paths.push(format!("{path}/relationships/{name}"));
    }
    for path in paths {
        for name in ["limit", "camelCase", "filter[_]", "page[number]", "Include", "x-y", "atomic:x"] {
            let answer = api.get(&format!("{path}?{name}=1")).await;
            assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
        }
    }
    // A refused request with a body changes nothing.
    let mut body = named_group("Other");
    let answer = api.post(&format!("{GROUPS}?limit=1"), body.clone()).await;
    assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("limit"));
    body["data"]["id"] = json!(scene.group);
    let answer = api.patch(&format!("{}?limit=1", scene.group_path()), body).await;
    assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("limit"));
    let answer = api.delete(&format!("{}?limit=1", scene.enrollment_path())).await;
    assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("limit"));
    let members = format!("{}?include=workspaces", scene.members_path());
    let answer = send(api, Method::DELETE, &members, &json!({ "data": [] })).await;
    assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("include"));
    let groups = api.get(GROUPS).await;
    assert_eq!(groups.body["data"][0]["attributes"]["name"], "EMEA");
    assert_eq!((groups.ids().len(), api.get(ENROLLMENTS).await.ids().len()), (1, 1));
}

#[database_test]
async fn parameters_are_read_as_form_data(pool: PgPool) {
    let scene = scene(pool).await;
    let pilot = group(&scene.app.pool, "EMEA pilot 50% & more").await;
    for query in [
        "filter[q]=EMEA+pilot",
        "filter[q]=EMEA%20pilot",
        "filter%5Bq%5D=%45MEA+pilot",
        "filter[q]=50%25+%26+more",
        "&filter[q]=pilot&",
    ] {
        let answer = scene.api.get(&format!("{GROUPS}?{query}")).await;
        assert_eq!((answer.status, answer.ids()), (200, vec![pilot.clone()]), "{query}");
    }
    let answer = scene.api.get(&format!("{GROUPS}?filter[q]=EMEA%2Bpilot")).await;
    assert_eq!((answer.status, answer.ids()), (200, Vec::new()));
}

#[database_test]
async fn parameters_are_written_as_form_data(pool: PgPool) {
    let scene = scene(pool).await;
    for number in 0..2 {
        group(&scene.app.pool, &format!("Group & {number}")).await;
    }
    let query =
        "sort=name&filter[q]=group %26&page[size]=1&include=created_by&fields[people]=email,last_name";
    let answer = scene.api.get(&format!("{GROUPS}?{query}")).await;
    let written = format!(
        "{GROUPS}?sort=name&filter%5Bq%5D=group+%26&page%5Bsize%5D=1\
         &include=created_by&fields%5Bpeople%5D=email%2Clast_name"
    );
    assert_eq!(answer.body["links"]["self"], written.as_str());
    let next = answer.body["links"]["next"].as_str().unwrap();
    assert!(next.contains("filter%5Bq%5D=group+%26") && next.contains("page%5Bafter%5D="), "{next}");
    // The written link is read with the same meaning.
    let again = scene.api.get(&written).await;
    assert_eq!((again.ids(), &again.body["links"]), (answer.ids(), &answer.body["links"]));
    let second = scene.api.get(next).await;
    assert_eq!(second.body["data"][0]["attributes"]["name"], "Group & 1");
    assert_eq!(second.body["links"]["self"], next);
}

#[database_test]
async fn square_brackets_may_be_encoded(pool: PgPool) {
    let scene = scene(pool).await;
    for query in [
        "page[size]=1&page[total]=true",
        "filter[status]=any&fields[workspace_group_workspace]=created_at",
        "filter[created_at][gte]=2020-01-01T00:00:00Z",
    ] {
        let encoded = query.replace('[', "%5B").replace(']', "%5D");
        let ask = async |query: &str| -> Answer { scene.api.get(&format!("{ENROLLMENTS}?{query}")).await };
        let (plain, encoded) = (ask(query).await, ask(&encoded).await);
        assert_eq!((plain.status, &plain.body), (200, &encoded.body), "{query}");
    }
    for (path, name) in [(EVENTS, "filter[color]"), (WORKSPACES, "page[number]")] {
        let encoded = name.replace('[', "%5B").replace(']', "%5D");
        for name_as_sent in [name, &encoded] {
            let answer = scene.api.get(&format!("{path}?{name_as_sent}=1")).await;
            assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
        }
    }
}
