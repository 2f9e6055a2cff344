//! The representation of the list: `include`, `fields`, totals, links, methods.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::resource;
use crate::support::{Answer, ApiClient, TestApp, enroll, group, person, remove, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";
const NOW: &str = "2026-06-01T00:00:00.000Z";
const THEN: &str = "2026-05-01T00:00:00.000Z";

/// Bo created the group EMEA, Ana enrolled Acme in it, and Beta is enrolled without a creator.
struct Scene {
    app: TestApp,
    api: ApiClient,
    ana: String,
    bo: String,
    emea: String,
    acme: String,
    beta: String,
    anas: String,
    without_creator: String,
}

async fn scene(pool: PgPool) -> Scene {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client_for("ana@example.com", &["write"]).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    let emea = by_bo.create_group("EMEA").await.id();
    let anas = api.enroll(&emea, &acme).await.id();
    let without_creator = enroll(&pool, &emea, &beta, time(THEN)).await;
    Scene { app, api, ana, bo, emea, acme, beta, anas, without_creator }
}

impl Scene {
    async fn list(&self, query: &str) -> Answer {
        let answer = self.api.get(&format!("{PATH}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer
    }

    async fn assert_refused(&self, query: &str, code: &str, parameters: &[&str]) {
        let answer = self.api.get(&format!("{PATH}?{query}")).await;
        let error = |name: &&str| ("400".to_owned(), code.to_owned(), json!({ "parameter": name }));
        let expected: Vec<_> = parameters.iter().map(error).collect();
        assert_eq!((answer.status, answer.errors()), (400, expected), "{query}");
    }
}

/// Type and id of each resource, in order.
fn identifiers(resources: &Value) -> Vec<String> {
    let name = |one: &Value| format!("{} {}", one["type"].as_str().unwrap(), one["id"].as_str().unwrap());
    resources.as_array().unwrap_or_else(|| panic!("no list: {resources}")).iter().map(name).collect()
}

#[database_test]
async fn page_with_all_includes_is_complete(pool: PgPool) {
    let scene = scene(pool).await;
    let query = "include=workspace_group.created_by,workspace,created_by&page[size]=1&page[total]=true";
    let answer = scene.list(query).await;

    let times = [Some(NOW), Some(NOW), None];
    let enrollment = resource(&scene.anas, (&scene.emea, &scene.acme), Some(&scene.ana), times);
    let written = query.replace('[', "%5B").replace(']', "%5D").replace(',', "%2C");
    let next = answer.body["links"]["next"].as_str().unwrap().to_owned();
    assert_eq!(next.split_once("&page%5Bafter%5D=").unwrap().0, format!("{PATH}?{written}"));
    assert_eq!(answer.body["data"], json!([enrollment]));
    assert_eq!(answer.body["meta"], json!({ "page": { "total": 2 } }));
    assert_eq!(
        answer.body["links"],
        json!({
            "self": format!("{PATH}?{written}"),
            "first": format!("{PATH}?{written}"),
            "prev": null,
            "next": next
        })
    );
    let mut included = Vec::new();
    for path in [
        format!("/v1/workspace-groups/{}", scene.emea),
        format!("/v1/workspaces/{}", scene.acme),
        format!("/v1/people/{}", scene.ana),
        format!("/v1/people/{}", scene.bo),
    ] {
        included.push(scene.api.get(&path).await.body["data"].clone());
    }
    let by_name = |one: &Value| identifiers(&json!([one]));
    let mut found = answer.body["included"].as_array().unwrap().clone();
    found.sort_by_key(by_name);
    included.sort_by_key(by_name);
    assert_eq!(found, included);
}

#[database_test]
async fn included_resources_are_unique_and_linked(pool: PgPool) {
    let scene = scene(pool).await;
    let (group, person) = (format!("workspace_group {}", scene.emea), format!("people {}", scene.ana));
    let (acme, beta) = (format!("workspace {}", scene.acme), format!("workspace {}", scene.beta));
    let bo = format!("people {}", scene.bo);
    for (include, expected) in [
        ("workspace_group", vec![&group]),
        ("workspace", vec![&acme, &beta]),
        ("created_by", vec![&person]),
        ("workspace_group.created_by", vec![&group, &bo]),
        ("created_by,workspace_group.created_by,created_by", vec![&group, &bo, &person]),
        ("", vec![]),
    ] {
        let answer = scene.list(&format!("include={include}")).await;
        assert_eq!(answer.ids(), [scene.anas.clone(), scene.without_creator.clone()]);
        let found = identifiers(&answer.body["included"]);
        let expected: BTreeSet<&String> = expected.into_iter().collect();
        assert_eq!(found.iter().collect::<BTreeSet<_>>(), expected, "{include}");
        assert_eq!(found.len(), expected.len(), "{include}");
    }
    let answer = scene.list("filter[created_by]=none&include=created_by").await;
    assert_eq!((answer.ids().len(), &answer.body["included"]), (1, &json!([])));
    let empty = scene.list("").await;
    assert_eq!(empty.body.get("included"), None);
    for include in ["workspace_group.workspaces", "workspace_groups", "workspace,", "pk"] {
        scene.assert_refused(&format!("include={include}"), "INVALID_QUERY_PARAMETER", &["include"]).await;
    }
}

#[database_test]
async fn sparse_fieldsets_apply_to_each_type(pool: PgPool) {
    let scene = scene(pool).await;
    let kind = "fields[workspace_group_workspace]";
    let whole = scene.list("").await.body["data"][0].clone();
    for (fields, attributes, relationships) in [
        ("created_at", vec!["created_at"], vec![]),
        ("deleted_at,created_by", vec!["deleted_at"], vec!["created_by"]),
        ("workspace,workspace_group", vec![], vec!["workspace", "workspace_group"]),
        ("", vec![], vec![]),
    ] {
        let answer = scene.list(&format!("{kind}={fields}")).await;
        let mut expected = json!({ "type": whole["type"], "id": whole["id"], "links": whole["links"] });
        for (part, names) in [("attributes", attributes), ("relationships", relationships)] {
            for name in names {
                expected[part][name] = whole[part][name].clone();
            }
        }
        assert_eq!(answer.body["data"][0], expected, "{fields}");
    }
    // Included resources have their own fields, and are included even if no shown relationship links to
    // them.
    let query =
        format!("{kind}=created_at&include=workspace,created_by&fields[workspace]=name&fields[people]=");
    let answer = scene.list(&query).await;
    assert_eq!(answer.body["data"][0].get("relationships"), None);
    for one in answer.body["included"].as_array().unwrap() {
        let shown = one.get("attributes").map(|attributes| attributes.as_object().unwrap().len());
        assert_eq!(shown, if one["type"] == "workspace" { Some(1) } else { None }, "{one}");
        assert_eq!(one.get("relationships"), None, "{one}");
    }
    assert_eq!(answer.body["included"].as_array().unwrap().len(), 3);
    for (name, value) in [(kind, "pk"), (kind, "created_at,"), ("fields[enrollment]", "created_at")] {
        scene.assert_refused(&format!("{name}={value}"), "INVALID_QUERY_PARAMETER", &[name]).await;
    }
}

#[database_test]
async fn total_counts_all_filtered_rows(pool: PgPool) {
    let scene = scene(pool).await;
    remove(&scene.app.pool, &scene.without_creator, time("2026-05-03T00:00:00Z")).await;
    let other = group(&scene.app.pool, "APAC").await;
    enroll(&scene.app.pool, &other, &scene.beta, time("2026-05-04T00:00:00Z")).await;
    for (filter, total) in [
        (String::new(), 2),
        ("filter[status]=any".to_owned(), 3),
        ("filter[status]=removed".to_owned(), 1),
        ("filter[as_of]=2026-05-02T00:00:00Z".to_owned(), 1),
        ("filter[as_of]=2026-05-03T00:00:00Z".to_owned(), 0),
        ("filter[deleted_at][gte]=2026-05-03T00:00:00Z".to_owned(), 1),
        ("filter[deleted_at][gte]=2026-05-03T00:00:00Z&filter[status]=live".to_owned(), 0),
        (format!("filter[workspace_group]={},{other}", scene.emea), 2),
        (format!("filter[workspace]={}&filter[status]=any", scene.beta), 2),
        (format!("filter[created_by]={}", scene.ana), 1),
        (format!("filter[created_by]={},{}", scene.ana, scene.bo), 1),
        ("filter[created_by]=none&filter[status]=any".to_owned(), 2),
    ] {
        let answer = scene.list(&format!("{filter}&page[size]=1&page[total]=true")).await;
        assert_eq!(answer.body["meta"]["page"]["total"], total, "{filter}");
    }
    for query in ["", "page[total]=false"] {
        assert_eq!(scene.list(query).await.body.get("meta"), None, "{query}");
    }
    for value in ["", "1", "True", "yes"] {
        let query = format!("page[total]={value}");
        scene.assert_refused(&query, "INVALID_QUERY_PARAMETER", &["page[total]"]).await;
    }
}

#[database_test]
async fn page_links_keep_all_parameters(pool: PgPool) {
    let scene = scene(pool).await;
    let parameters = [
        ("filter[workspace_group]", scene.emea.as_str()),
        ("filter[created_at][gte]", "2026-01-01T01:00:00+01:00"),
        ("sort", "-created_at,deleted_at"),
        ("include", "workspace"),
        ("fields[workspace]", "name"),
        ("page[size]", "1"),
        ("page[total]", "true"),
    ];
    let pairs = |link: &str| -> Vec<(String, String)> {
        let url = reqwest::Url::parse(&format!("http://desk.example.com{link}")).unwrap();
        assert_eq!(url.path(), PATH);
        let is_moved = |name: &str| name == "page[after]" || name == "page[before]";
        url.query_pairs()
            .filter(|(name, _)| !is_moved(name))
            .map(|pair| (pair.0.into(), pair.1.into()))
            .collect()
    };
    let expected: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();

    let first = scene.list(&query.join("&")).await;
    let second = scene.api.get(first.body["links"]["next"].as_str().unwrap()).await;
    let back = scene.api.get(second.body["links"]["prev"].as_str().unwrap()).await;
    assert_eq!((first.ids(), second.ids()), (vec![scene.anas.clone()], vec![scene.without_creator.clone()]));
    assert_eq!(back.ids(), first.ids());
    for page in [&first, &second, &back] {
        for (name, link) in page.body["links"].as_object().unwrap() {
            if let Some(link) = link.as_str() {
                assert_eq!(pairs(link), expected, "{name}");
            }
        }
        // The first page has no cursor, however deep the present page is.
        assert_eq!(page.body["links"]["first"], first.body["links"]["self"]);
    }
    assert!(second.body["links"]["self"].as_str().unwrap().contains("page%5Bafter%5D="));
}

/// A cursor is invalid in another order. Different spellings of the same order are equivalent.
#[database_test]
async fn cursor_is_valid_for_its_sort_order_only(pool: PgPool) {
    let scene = scene(pool).await;
    let cursor_of = async |query: &str| -> String {
        let first = scene.list(&format!("{query}&page[size]=1")).await;
        let next = first.body["links"]["next"].as_str().unwrap().to_owned();
        next.split_once("page%5Bafter%5D=").unwrap().1.to_owned()
    };
    for (made_in, used_in) in [
        ("", "sort=created_at"),
        ("sort=created_at", ""),
        ("sort=updated_at", "sort=created_at"),
        ("sort=created_at,updated_at", "sort=created_at"),
        ("sort=created_at,updated_at", "sort=updated_at,created_at"),
        ("sort=deleted_at", "sort=deleted_at,-created_at"),
    ] {
        let cursor = cursor_of(made_in).await;
        for name in ["page[after]", "page[before]"] {
            scene.assert_refused(&format!("{used_in}&{name}={cursor}"), "INVALID_CURSOR", &[name]).await;
        }
    }
    for (made_in, used_in) in [("", "sort=-created_at"), ("sort=deleted_at", "sort=deleted_at,created_at")] {
        let cursor = cursor_of(made_in).await;
        let second = scene.list(&format!("{used_in}&page[after]={cursor}")).await;
        assert_eq!(second.ids().len(), 1, "{used_in}");
    }
}

#[database_test]
async fn invalid_parameters_are_all_refused_by_name(pool: PgPool) {
    let scene = scene(pool).await;
    scene.list(&format!("filter[as_of]={NOW}")).await;
    scene.list("filter[as_of]=2026-06-01T01:59:59%2B02:00").await;
    for (query, name) in [
        ("filter[as_of]=2026-06-01T00:00:00.001Z", "filter[as_of]"),
        ("filter[as_of]=2026-05-31T23:00:00-02:00", "filter[as_of]"),
        ("filter[as_of]=yesterday", "filter[as_of]"),
        ("filter[as_of]=2026-05-01", "filter[as_of]"),
        ("filter[as_of]=", "filter[as_of]"),
        ("filter[as_of]=2026-05-01T00:00:00Z&filter[status]=any", "filter[status]"),
        ("filter[as_of][lt]=2026-05-01T00:00:00Z", "filter[as_of][lt]"),
        ("filter[created_at]=2026-05-01T00:00:00Z", "filter[created_at]"),
        ("filter[created_at][gt]=2026-05-01T00:00:00Z", "filter[created_at][gt]"),
        ("filter[created_at][gte]=2026-02-30T00:00:00Z", "filter[created_at][gte]"),
        // A plus sign that is not written as %2B is a space.
        ("filter[updated_at][lt]=2026-05-01T00:00:00+02:00", "filter[updated_at][lt]"),
        ("filter[deleted_at][lt]=1780000000", "filter[deleted_at][lt]"),
        ("filter[deleted_at][gte]=2026-05-01T00:00:00", "filter[deleted_at][gte]"),
        ("filter[status]=Live", "filter[status]"),
        ("filter[status]=live,removed", "filter[status]"),
        ("filter[workspace]=%7B00000000-0000-4000-8000-000000000000%7D", "filter[workspace]"),
        ("filter[workspace]=00000000000040008000000000000000", "filter[workspace]"),
        ("sort=", "sort"),
        ("sort=name", "sort"),
        ("sort=created_at,-created_at", "sort"),
        ("sort=-", "sort"),
    ] {
        scene.assert_refused(query, "INVALID_QUERY_PARAMETER", &[name]).await;
    }
    let all = "filter[workspace_group]=1,2&filter[created_by]=none,none&filter[created_at][gte]=x\
               &filter[status]=gone&filter[pk]=1&sort=pk&include=pk&page[total]=2&page[size]=0";
    let answer = scene.api.get(&format!("{PATH}?{all}")).await;
    let name = |(_, _, source): &(String, String, Value)| source["parameter"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = answer.errors().iter().map(name).collect();
    names.sort();
    let expected = "filter[created_at][gte] filter[created_by] filter[created_by] filter[pk] filter[status] \
                    filter[workspace_group] filter[workspace_group] include page[size] page[total] sort";
    assert_eq!((answer.status, names.join(" ").as_str()), (400, expected));
}

/// The refusal names the orders that an index has with these filters.
#[database_test]
async fn order_without_an_index_is_refused(pool: PgPool) {
    let scene = scene(pool).await;
    let (group, nobody) = (format!("filter[workspace_group]={}", scene.emea), "filter[created_by]=none");
    for (query, key, left) in [
        (format!("{group}&sort=updated_at"), "updated_at", "created_at, deleted_at, workspace.name"),
        (
            format!("{group}&sort=-created_at,-updated_at"),
            "updated_at",
            "created_at, deleted_at, workspace.name",
        ),
        (format!("{nobody}&sort=-deleted_at"), "deleted_at", "created_at"),
        (format!("{nobody}&{group}&sort=updated_at"), "updated_at", "created_at, deleted_at, workspace.name"),
    ] {
        scene.assert_refused(&query, "INVALID_QUERY_PARAMETER", &["sort"]).await;
        let answer = scene.api.get(&format!("{PATH}?{query}")).await;
        let detail = format!("Sorting by \"{key}\" is not supported with these filters. Supported: {left}.");
        assert_eq!(answer.body["errors"][0]["detail"], detail, "{query}");
    }
    scene.list(&format!("{nobody}&{group}&sort=-deleted_at")).await;
}

#[database_test]
async fn head_equals_get_and_options_lists_methods(pool: PgPool) {
    let scene = scene(pool).await;
    let one = format!("{PATH}/{}", scene.anas);
    let headers = |all: &HeaderMap| -> Vec<(String, String)> {
        let identifiers = all.iter().map(|(name, value)| (name.to_string(), format!("{value:?}")));
        let mut identifiers: Vec<_> =
            identifiers.filter(|(name, _)| name != "date" && name != "x-request-id").collect();
        identifiers.sort();
        identifiers
    };
    for path in [PATH, &one, &format!("{one}/workspace"), &format!("{PATH}?sort=pk"), &format!("{PATH}/42")] {
        let full = scene.api.get(path).await;
        let head = scene.api.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!((head.status().as_u16(), headers(head.headers())), (full.status, headers(&full.headers)));
        assert_eq!(head.text().await.unwrap(), "", "{path}");
        assert!(!full.body.is_null() && !full.header("content-length").is_empty(), "{path}");
    }
    for (path, allow) in [
        (PATH, "GET HEAD POST"),
        (one.as_str(), "DELETE GET HEAD PATCH"),
        (format!("{one}/workspace").as_str(), "GET HEAD"),
        (format!("{one}/relationships/workspace").as_str(), "GET HEAD PATCH"),
    ] {
        let answer = Answer::read(scene.api.request(Method::OPTIONS, path)).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null), "{path}");
        let mut methods: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        // Whether OPTIONS itself is listed does not matter.
        methods.retain(|method| *method != "OPTIONS");
        methods.sort_unstable();
        assert_eq!(methods.join(" "), allow, "{path}");
    }
}
