//! `filter[q]`, the orders by name, and the number of enrollments of a group.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, TestApp, assert_pages, bad_parameter, enroll, group, listen, person, remove,
    statements_of, time, workspace, workspaces,
};

const PATH: &str = "/v1/workspace-group-workspaces";
const EVENTS: &str = "/v1/enrollment-events";
const DAY: &str = "2026-05-01T00:00:00Z";

/// Two groups with workspaces whose names differ in case, accents and length, and one that was removed.
struct Scene {
    app: TestApp,
    api: ApiClient,
    emea: String,
    apac: String,
    acme: String,
    /// The enrollments by name and group.
    ids: Vec<(&'static str, String)>,
}

impl Scene {
    async fn new(pool: &PgPool) -> Self {
        let (emea, apac) = (group(pool, "EMEA Nord").await, group(pool, "APAC").await);
        let mut ids = Vec::new();
        let mut acme = String::new();
        for (name, into) in [
            ("Zebra", vec![("Zebra", &emea)]),
            ("acme Sud", vec![("acme", &emea), ("acme in APAC", &apac)]),
            ("Ärzte Nord", vec![("Ärzte", &emea)]),
            ("Bolt", vec![("Bolt", &emea), ("Bolt in APAC", &apac)]),
        ] {
            let id = workspace(pool, name).await;
            for (key, group) in into {
                ids.push((key, enroll(pool, group, &id, time(DAY)).await));
            }
            if name == "acme Sud" {
                acme = id;
            }
        }
        let gone = workspace(pool, "Cobalt").await;
        let gone = enroll(pool, &emea, &gone, time(DAY)).await;
        remove(pool, &gone, time("2026-05-02T00:00:00Z")).await;
        ids.push(("Cobalt", gone));
        let events = "INSERT INTO groupdesk.enrollment_events
                          (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
                      SELECT 'enrolled', created_at, 'migration', pk, workspace_group_pk, workspace_pk
                      FROM core_api.workspace_group_workspaces ORDER BY pk";
        sqlx::raw_sql(events).execute(pool).await.unwrap();
        let app = TestApp::start(pool.clone()).await;
        let api = app.api_client(&["write", "audit"]).await;
        Self { app, api, emea, apac, acme, ids }
    }

    fn id(&self, name: &str) -> String {
        self.ids.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    }

    fn ids(&self, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| self.id(name)).collect()
    }

    fn names(&self, ids: &[String]) -> Vec<&'static str> {
        ids.iter().map(|id| self.ids.iter().find(|(_, known)| known == id).unwrap().0).collect()
    }

    /// The names of the enrollments that match, in the order in which they were written.
    async fn found(&self, query: &str) -> Vec<&'static str> {
        let answer = self.api.get(&format!("{PATH}?sort=created_at&{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        self.names(&answer.ids())
    }

    async fn events_found(&self, query: &str) -> Vec<&'static str> {
        let answer = self.api.get(&format!("{EVENTS}?sort=occurred_at&{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let data = answer.body["data"].as_array().unwrap();
        let ids: Vec<String> = data
            .iter()
            .map(|event| event["relationships"]["enrollment"]["data"]["id"].as_str().unwrap().to_owned())
            .collect();
        self.names(&ids)
    }
}

#[database_test]
async fn text_finds_enrollments_by_workspace_and_group(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    assert_eq!(scene.found("filter[q]=ACME").await, ["acme", "acme in APAC"]);
    assert_eq!(scene.found("filter[q]=arzte").await, ["Ärzte"]);
    assert_eq!(scene.found("filter[q]=sud+acme").await, ["acme", "acme in APAC"], "words in any order");
    assert_eq!(scene.found("filter[q]=acme-sud").await, ["acme", "acme in APAC"], "an external id");
    assert_eq!(scene.found(&format!("filter[q]={}", &scene.acme[..8])).await, ["acme", "acme in APAC"]);
    assert_eq!(
        scene.found("filter[q]=apac").await,
        ["acme in APAC", "Bolt in APAC"],
        "the name of the group"
    );
    // A workspace that matches and is in a group that matches is found once.
    assert_eq!(scene.found("filter[q]=nord").await, ["Zebra", "acme", "Ärzte", "Bolt"]);
    assert_eq!(scene.found("filter[q]=nord&filter[status]=any").await.len(), 5);
    assert_eq!(scene.found("filter[q]=nowhere").await, <[&str; 0]>::default());
    let total = scene.api.get(&format!("{PATH}?filter[q]=nord&page[total]=true&page[size]=1")).await;
    assert_eq!(total.body["meta"]["page"]["total"], 4, "{total:?}");
}

#[database_test]
async fn text_is_searched_in_what_the_other_filters_leave_open(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let (emea, apac, acme) = (&scene.emea, &scene.apac, &scene.acme);
    let in_emea = format!("filter[workspace_group]={emea}");
    assert_eq!(
        scene.found(&format!("{in_emea}&filter[q]=nord")).await,
        ["Ärzte"],
        "not the name of the group"
    );
    assert_eq!(scene.found(&format!("{in_emea}&filter[q]=cobalt")).await, <[&str; 0]>::default());
    let removed = format!("{in_emea}&filter[q]=cobalt&filter[status]=removed");
    assert_eq!(scene.found(&removed).await, ["Cobalt"]);
    let of_acme = format!("filter[workspace]={acme}");
    assert_eq!(scene.found(&format!("{of_acme}&filter[q]=apac")).await, ["acme in APAC"]);
    assert_eq!(scene.found(&format!("{of_acme}&filter[q]=sud")).await, <[&str; 0]>::default());
    let both = format!("{of_acme}&filter[workspace_group]={emea},{apac}");
    assert_eq!(scene.found(&format!("{both}&filter[q]=sud")).await, ["acme", "acme in APAC"]);
    assert_eq!(scene.found(&format!("{both}&filter[q]=apac")).await, ["acme in APAC"]);
}

#[database_test]
async fn text_finds_events_like_their_enrollments(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    assert_eq!(scene.events_found("filter[q]=acme").await, ["acme", "acme in APAC"]);
    assert_eq!(scene.events_found("filter[q]=nord").await, ["Zebra", "acme", "Ärzte", "Bolt", "Cobalt"]);
    let in_emea = format!("filter[workspace_group]={}&filter[q]=nord", scene.emea);
    assert_eq!(scene.events_found(&in_emea).await, ["Ärzte"]);
    assert_eq!(scene.events_found("filter[q]=nord&filter[action]=removed").await, <[&str; 0]>::default());
    let of_one = format!("filter[enrollment]={}&filter[q]=bolt", scene.id("Bolt"));
    assert_eq!(scene.events_found(&of_one).await, ["Bolt"]);
    let other = format!("filter[enrollment]={}&filter[q]=zebra", scene.id("Bolt"));
    assert_eq!(scene.events_found(&other).await, <[&str; 0]>::default());
    let total = scene.api.get(&format!("{EVENTS}?filter[q]=nord&page[total]=true")).await;
    assert_eq!(total.body["meta"]["page"]["total"], 5, "{total:?}");
}

#[database_test]
async fn text_has_1_to_255_visible_characters(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let long = "x".repeat(256);
    for path in [PATH, EVENTS] {
        for text in ["", "%20", "%E2%80%8B", long.as_str()] {
            let answer = scene.api.get(&format!("{path}?filter[q]={text}")).await;
            assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("filter[q]")]), "{text}");
        }
        assert_eq!(scene.api.get(&format!("{path}?filter[q]={}", &long[1..])).await.status, 200);
    }
}

#[database_test]
async fn text_that_too_many_match_is_refused_without_another_filter(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    workspaces(&pool, 101).await;
    for path in [PATH, EVENTS] {
        let answer = scene.api.get(&format!("{path}?filter[q]=workspace")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("filter[q]")]));
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("Send a longer text or another filter."), "{detail}");
        let narrower = format!("{path}?filter[q]=workspace&filter[workspace_group]={}", scene.emea);
        assert_eq!(scene.api.get(&narrower).await.ids(), Vec::<String>::new());
        assert_eq!(scene.api.get(&format!("{path}?filter[q]=w-10")).await.status, 200);
    }
}

#[database_test]
async fn enrollments_of_a_person_are_found_by_a_text_that_many_match(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let scene = Scene::new(&pool).await;
    workspaces(&pool, 101).await;
    let by_ana = scene.app.api_client_for("ana@example.com", &["write"]).await;
    let new: String = sqlx::query_scalar(
        "SELECT workspace_id::text FROM core_api.workspaces WHERE external_workspace_id = 'w-7'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let enrolled = by_ana.enroll(&scene.apac, &new).await.id();
    by_ana.enroll(&scene.apac, &workspace(&pool, "Other").await).await;
    let ana: String =
        sqlx::query_scalar("SELECT people_id::text FROM core_api.peoples WHERE first_name = 'Ana'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let found = scene.api.get(&format!("{PATH}?filter[q]=workspace&filter[created_by]={ana}")).await;
    assert_eq!(found.ids(), [enrolled]);
}

#[database_test]
async fn a_group_is_read_in_the_order_of_names(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let address = format!("{PATH}?filter[workspace_group]={}&sort=workspace.name", scene.emea);
    let expected = scene.ids(&["acme", "Ärzte", "Bolt", "Zebra"]);
    assert_pages(&scene.api, &address, 1, &expected).await;
    assert_pages(&scene.api, &address, 3, &expected).await;
    let backwards: Vec<String> = expected.iter().rev().cloned().collect();
    let descending = address.replace("sort=", "sort=-");
    assert_pages(&scene.api, &descending, 2, &backwards).await;
    let any = scene.ids(&["acme", "Ärzte", "Bolt", "Cobalt", "Zebra"]);
    assert_pages(&scene.api, &format!("{address}&filter[status]=any"), 2, &any).await;
    assert_pages(&scene.api, &format!("{address}&filter[status]=removed"), 2, &any[3..4]).await;
    let at = format!("{address}&filter[as_of]={DAY}");
    assert_pages(&scene.api, &at, 2, &any).await;
    let few = format!("{address}&filter[created_at][gte]={DAY}");
    assert_pages(&scene.api, &few, 3, &expected).await;
    assert_pages(&scene.api, &format!("{address}&filter[q]=o"), 1, &scene.ids(&["Ärzte", "Bolt"])).await;
}

#[database_test]
async fn a_renamed_or_removed_workspace_changes_its_place(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let list = format!("{PATH}?filter[workspace_group]={}&sort=workspace.name", scene.emea);
    let names = async |query: &str| scene.names(&scene.api.get(&format!("{list}{query}")).await.ids());
    let renamed =
        json!({ "data": { "type": "workspace", "id": scene.acme, "attributes": { "name": "Yak" } } });
    assert_eq!(scene.api.patch(&format!("/v1/workspaces/{}", scene.acme), renamed).await.status, 200);
    assert_eq!(names("").await, ["Ärzte", "Bolt", "acme", "Zebra"]);
    assert_eq!(scene.api.delete(&format!("{PATH}/{}", scene.id("Bolt"))).await.status, 204);
    assert_eq!(names("").await, ["Ärzte", "acme", "Zebra"]);
    assert_eq!(names("&filter[status]=removed").await, ["Bolt", "Cobalt"]);
}

#[database_test]
async fn groups_of_a_workspace_are_sorted_by_name(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let address = format!("{PATH}?filter[workspace]={}&sort=workspace_group.name", scene.acme);
    assert_pages(&scene.api, &address, 1, &scene.ids(&["acme in APAC", "acme"])).await;
    let descending = address.replace("sort=", "sort=-");
    assert_pages(&scene.api, &descending, 1, &scene.ids(&["acme", "acme in APAC"])).await;
    let of_pair = format!("{address},workspace.name&filter[workspace_group]={}", scene.emea);
    assert_pages(&scene.api, &of_pair, 1, &scene.ids(&["acme"])).await;
}

#[database_test]
async fn orders_by_name_need_one_group_or_one_workspace(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let both = format!("{},{}", scene.emea, scene.apac);
    for (query, offered) in [
        ("sort=workspace.name".to_owned(), "created_at, updated_at, deleted_at"),
        (format!("sort=workspace.name&filter[workspace_group]={both}"), "created_at, deleted_at"),
        (format!("sort=workspace.name&filter[workspace]={}", scene.acme), "created_at, workspace_group.name"),
        (
            format!("sort=workspace_group.name&filter[workspace_group]={}", scene.emea),
            "created_at, deleted_at, workspace.name",
        ),
    ] {
        let answer = scene.api.get(&format!("{PATH}?{query}")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("sort")]), "{query}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!("with these filters. Supported: {offered}.")), "{detail}");
    }
}

/// `live_enrollment_count` of each workspace group in the answer, also of an included one.
fn counts(answer: &Answer) -> Vec<Value> {
    let resources = |part: &str| match &answer.body[part] {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let groups = [resources("data"), resources("included")].concat().into_iter();
    let groups = groups.filter(|resource| resource["type"] == "workspace_group");
    groups.map(|group| group["attributes"]["live_enrollment_count"].clone()).collect()
}

#[database_test]
async fn the_number_of_enrollments_is_counted_on_request_only(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let empty = group(&pool, "Empty").await;
    listen();
    let fields = "fields[workspace_group]=name,live_enrollment_count";
    let counting = |answer: &Answer| {
        let statements = statements_of(answer.header("x-request-id"));
        statements.iter().filter(|one| one.contains("GROUP BY g.workspace_group_id")).count()
    };
    for (path, expected) in [
        ("/v1/workspace-groups?sort=name".to_owned(), vec![2, 4, 0]),
        (format!("/v1/workspace-groups/{}?", scene.emea), vec![4]),
        (format!("/v1/workspace-groups/{empty}?"), vec![0]),
        (format!("{PATH}?include=workspace_group&filter[workspace]={}", scene.acme), vec![2, 4]),
        (format!("{PATH}/{}?include=workspace_group", scene.id("Bolt")), vec![4]),
        (format!("{PATH}/{}/workspace_group?", scene.id("Bolt")), vec![4]),
        (format!("/v1/workspaces/{}/workspace_groups?", scene.acme), vec![2, 4]),
        (format!("{EVENTS}?include=workspace_group&filter[workspace]={}", scene.acme), vec![2, 4]),
    ] {
        let answer = scene.api.get(&format!("{path}&{fields}")).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let mut found = counts(&answer);
        if expected.len() == 2 {
            found.sort_by_key(Value::as_i64);
        }
        assert_eq!(found, expected, "{path}");
        assert_eq!(counting(&answer), 1, "{path}: one statement for the whole page");
        for fields in ["", "&fields[workspace_group]=name"] {
            let answer = scene.api.get(&format!("{path}{fields}")).await;
            assert!(counts(&answer).iter().all(Value::is_null), "{path}: {answer:?}");
            assert_eq!(counting(&answer), 0, "{path}");
        }
    }
}

#[database_test]
async fn a_counted_number_does_not_hinder_a_conditional_change(pool: PgPool) {
    let scene = Scene::new(&pool).await;
    let path = format!("/v1/workspace-groups/{}", scene.apac);
    let read = scene.api.get(&format!("{path}?fields[workspace_group]=live_enrollment_count")).await;
    let tag = read.header("etag").to_owned();
    scene.api.delete(&format!("{PATH}/{}", scene.id("Bolt in APAC"))).await;
    let again = scene.api.get(&format!("{path}?fields[workspace_group]=live_enrollment_count")).await;
    assert_ne!(again.header("etag"), tag, "another number is another answer");
    let body =
        json!({ "data": { "type": "workspace_group", "id": scene.apac, "attributes": { "name": "A" } } });
    let request = scene.api.request(reqwest::Method::PATCH, &path).header("if-match", &tag);
    let request = request.header("content-type", crate::support::JSON_API).body(body.to_string());
    assert_eq!(Answer::read(request).await.status, 200);
    let write = json!({
        "data": { "type": "workspace_group", "id": scene.apac, "attributes": { "live_enrollment_count": 7 } }
    });
    assert_eq!(scene.api.patch(&path, write).await.status, 403);
}

/// Live and removed rows are read from two indexes, each to a limit. A page that one of them fills could lack rows of the
/// other one, which no later page would show.
#[database_test]
async fn search_of_rows_of_any_status_loses_none(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2_001).await;
    sqlx::query(
        "INSERT INTO core_api.workspace_group_workspaces
             (workspace_group_pk, workspace_pk, created_at, updated_at, deleted_at)
         SELECT g.pk, w.pk, timestamptz '2026-05-01Z' - n * interval '1 minute', '2026-05-02Z',
                CASE WHEN n > 1 THEN timestamptz '2026-05-02Z' END
         FROM core_api.workspace_groups g, generate_series(1, 3) n, core_api.workspaces w",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let found = format!("{PATH}?filter[workspace_group]={emea}&filter[q]=workspace");
    assert_eq!(api.get(&found).await.status, 200);
    let any = format!("{found}&filter[status]=any");
    assert_eq!(api.get(&any).await.status, 200, "all rows of both kinds are within the limit");
    let more = "INSERT INTO core_api.workspace_group_workspaces
                    (workspace_group_pk, workspace_pk, created_at, updated_at, deleted_at)
                SELECT workspace_group_pk, workspace_pk, created_at, updated_at, deleted_at
                FROM core_api.workspace_group_workspaces WHERE deleted_at IS NOT NULL";
    sqlx::query(more).execute(&pool).await.unwrap();
    let refused = api.get(&any).await;
    assert_eq!(refused.status, 400, "{refused:?}");
}
