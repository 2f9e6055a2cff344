//! The atomic-operations extension: the targets of creations, changes and removals, and how they are
//! identified.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::atomic::{add, assert_failed, members, operate, reference, rename};
use super::{
    ENROLLMENTS, GROUPS, NOBODY, PEOPLE, WORKSPACES, assert_refused, at, identifier, named_group, scene,
};
use crate::support::{enrollment, live_count, person, time, workspace};

#[database_test]
async fn add_returns_the_resource(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let documents = [
        named_group("APAC"),
        json!({ "data": { "type": "workspace", "attributes": { "name": "Cobalt" } } }),
        json!({ "data": { "type": "people", "attributes": {
            "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com" } } }),
        enrollment(&scene.group, &beta),
    ];
    let operations: Vec<Value> = documents.iter().map(add).collect();
    let answer = operate(&scene.api, json!(operations)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for (index, list) in [GROUPS, WORKSPACES, PEOPLE, ENROLLMENTS].into_iter().enumerate() {
        let data = &answer.body["atomic:results"][index]["data"];
        assert_eq!(data["type"], documents[index]["data"]["type"]);
        let path = format!("{list}/{}", data["id"].as_str().unwrap());
        assert_eq!(data["links"]["self"], path.as_str());
        assert_eq!(&scene.api.get(&path).await.body["data"], data);
    }
}

#[database_test]
async fn add_requires_a_resource_object_with_a_type(pool: PgPool) {
    let scene = scene(pool).await;
    for data in [
        json!(null),
        json!("APAC"),
        json!([named_group("APAC")["data"]]),
        json!({ "attributes": { "name": "APAC" } }),
        json!({ "type": 7, "attributes": { "name": "APAC" } }),
    ] {
        let answer = operate(&scene.api, json!([{ "op": "add", "data": data }])).await;
        assert_failed(&answer, 422, 0);
    }
    let answer = operate(&scene.api, json!([{ "op": "add" }])).await;
    assert_failed(&answer, 422, 0);
    let again = add(&enrollment(&scene.group, &scene.workspace));
    let answer = operate(&scene.api, json!([again])).await;
    assert_failed(&answer, 409, 0);
    assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS");
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn update_returns_the_resource(pool: PgPool) {
    let scene = scene(pool).await;
    sqlx::query("UPDATE core_api.workspace_groups SET updated_at = $1")
        .bind(time("2020-05-01T00:00:00Z"))
        .execute(&scene.app.pool)
        .await
        .unwrap();
    let answer = operate(&scene.api, json!([rename(&scene.group, "Other")])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = &answer.body["atomic:results"][0]["data"];
    assert_eq!(data["attributes"]["name"], "Other");
    assert!(data["attributes"]["updated_at"].as_str().unwrap() > "2021", "{data}");
    assert_eq!(&scene.api.get(&scene.group_path()).await.body["data"], data);

    // An update without side effects returns a representation, too.
    let answer = operate(&scene.api, json!([rename(&scene.group, "Other")])).await;
    assert_eq!((answer.status, &answer.body["atomic:results"][0]["data"]), (200, data));
}

#[database_test]
async fn update_requires_an_existing_target(pool: PgPool) {
    let scene = scene(pool).await;
    let mut aimless = rename(&scene.group, "Other");
    aimless.as_object_mut().unwrap().remove("ref").unwrap();
    aimless["data"].as_object_mut().unwrap().remove("id").unwrap();
    let mut dataless = rename(&scene.group, "Other");
    dataless.as_object_mut().unwrap().remove("data").unwrap();
    let mut elsewhere = rename(&scene.group, "Other");
    elsewhere["ref"]["id"] = json!(NOBODY);
    elsewhere["data"]["id"] = json!(NOBODY);
    let mut mismatched = rename(&scene.group, "Other");
    mismatched["data"]["id"] = json!(NOBODY);
    let mut computed = rename(&scene.group, "Other");
    computed["data"]["attributes"]["created_at"] = json!("2020-05-01T00:00:00.000Z");
    for (operation, status) in
        [(aimless, 422), (dataless, 422), (elsewhere, 404), (mismatched, 409), (computed, 403)]
    {
        let answer = operate(&scene.api, json!([operation])).await;
        assert_failed(&answer, status, 0);
    }
    let group = scene.api.get(&scene.group_path()).await;
    assert_eq!(group.body["data"]["attributes"]["name"], "EMEA");
}

#[database_test]
async fn remove_returns_no_data(pool: PgPool) {
    let scene = scene(pool).await;
    let remove = json!({ "op": "remove", "ref": reference("workspace_group_workspace", &scene.enrollment) });
    let answer = operate(&scene.api, json!([remove, rename(&scene.group, "Other")])).await;
    assert_eq!((answer.status, &answer.body["atomic:results"][0]), (200, &json!({})));
    assert_eq!(live_count(&scene.app.pool).await, 0);
    let remove = json!([{ "op": "remove", "ref": reference("workspace_group", &scene.group) }]);
    let answer = operate(&scene.api, remove).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert_eq!(scene.api.get(GROUPS).await.ids(), Vec::<String>::new());
}

#[database_test]
async fn remove_requires_an_existing_target(pool: PgPool) {
    let scene = scene(pool).await;
    for (operation, status) in [
        (json!({ "op": "remove" }), 422),
        (json!({ "op": "remove", "ref": { "type": "workspace_group" } }), 422),
        (json!({ "op": "remove", "href": GROUPS }), 422),
        (json!({ "op": "remove", "ref": reference("workspace_group", NOBODY) }), 404),
        (json!({ "op": "remove", "ref": reference("workspace_group", &scene.group) }), 409),
    ] {
        let answer = operate(&scene.api, json!([operation])).await;
        assert_failed(&answer, status, 0);
    }
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn to_one_update_returns_no_data(pool: PgPool) {
    let scene = scene(pool).await;
    let bo = person(&scene.app.pool, "Bo", "Ek", "bo@example.com").await;
    let target = |relationship: &str| {
        let mut target = reference("workspace_group_workspace", &scene.enrollment);
        target["relationship"] = json!(relationship);
        target
    };
    let linkage = format!("{}/relationships/created_by", scene.enrollment_path());
    for end in [identifier("people", &bo), Value::Null] {
        let operation = json!({ "op": "update", "ref": target("created_by"), "data": end });
        let answer = operate(&scene.api, json!([operation, rename(&scene.group, "Other")])).await;
        assert_eq!((answer.status, &answer.body["atomic:results"][0]), (200, &json!({})));
        assert_eq!(scene.api.get(&linkage).await.body["data"], end);
        let answer = operate(&scene.api, json!([operation])).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    }
    for (operation, status) in [
        (json!({ "op": "update", "ref": target("created_by"), "data": identifier("people", NOBODY) }), 404),
        (json!({ "op": "update", "ref": target("created_by"), "data": [] }), 422),
        (json!({ "op": "update", "ref": target("created_by") }), 422),
        (
            json!({ "op": "update", "ref": target("workspace"),
                "data": identifier("workspace", &scene.workspace) }),
            403,
        ),
    ] {
        let answer = operate(&scene.api, json!([operation])).await;
        assert_failed(&answer, status, 0);
    }
}

#[database_test]
async fn to_many_changes_return_no_data(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let both = [scene.workspace.as_str(), beta.as_str()];
    for (op, targets, left) in [
        // One of them is already a member.
        ("add", &both[..], 2),
        ("remove", &both[1..], 1),
        // One of them is no longer a member.
        ("remove", &both[..], 0),
    ] {
        let operation = members(&scene, op, targets);
        let answer = operate(&scene.api, json!([operation, rename(&scene.group, "Other")])).await;
        assert_eq!((answer.status, &answer.body["atomic:results"][0]), (200, &json!({})));
        assert_eq!(scene.api.get(&scene.members_path()).await.ids().len(), left, "{op}");
        let answer = operate(&scene.api, json!([operation])).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
        assert_eq!(scene.api.get(&scene.members_path()).await.ids().len(), left, "{op}");
    }
}

#[database_test]
async fn invalid_to_many_changes_are_refused(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = operate(&scene.api, json!([members(&scene, "update", &[])])).await;
    assert_failed(&answer, 403, 0);
    assert_eq!(answer.errors()[0].1, "FULL_REPLACEMENT_UNSUPPORTED");
    let groups = json!({ "type": "workspace", "id": scene.workspace, "relationship": "workspace_groups" });
    let group = identifier("workspace_group", &scene.group);
    for (op, data) in [("add", json!([group])), ("remove", json!([group]))] {
        let answer = operate(&scene.api, json!([{ "op": op, "ref": groups, "data": data }])).await;
        assert_failed(&answer, 403, 0);
        assert_eq!(answer.errors()[0].1, "RELATIONSHIP_READ_ONLY");
    }
    let mut wrong = members(&scene, "add", &[]);
    wrong["data"] = Value::Null;
    assert_failed(&operate(&scene.api, json!([wrong])).await, 422, 0);
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
}

#[database_test]
async fn target_is_either_a_ref_or_an_href(pool: PgPool) {
    let scene = scene(pool).await;
    let mut both = rename(&scene.group, "Other");
    both["href"] = json!(scene.group_path());
    assert_failed(&operate(&scene.api, json!([both])).await, 422, 0);

    let with = |target: Value| {
        let mut operation = rename(&scene.group, "Other");
        operation["ref"] = target;
        operation
    };
    for target in [
        json!("workspace_group"),
        json!({}),
        json!({ "type": "workspace_group" }),
        json!({ "id": scene.group }),
        json!({ "type": "workspace_group", "id": 7 }),
        json!({ "type": "workspace_group", "id": scene.group, "relationship": 7 }),
    ] {
        let answer = operate(&scene.api, json!([with(target.clone())])).await;
        assert_failed(&answer, 422, 0);
    }
    let group = scene.api.get(&scene.group_path()).await;
    assert_eq!(group.body["data"]["attributes"]["name"], "EMEA");
}

#[database_test]
async fn href_identifies_the_same_target_as_a_ref(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let mut renamed = rename(&scene.group, "Other");
    renamed.as_object_mut().unwrap().remove("ref").unwrap();
    renamed["href"] = json!(scene.group_path());
    let operations = json!([
        { "op": "add", "href": GROUPS, "data": named_group("APAC")["data"] },
        renamed,
        { "op": "add", "href": scene.members_path(), "data": [identifier("workspace", &beta)] },
        {
            "op": "update",
            "href": format!("{}/relationships/created_by", scene.enrollment_path()),
            "data": null
        },
        { "op": "remove", "href": scene.enrollment_path() },
    ]);
    let answer = operate(&scene.api, operations).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let results = &answer.body["atomic:results"];
    assert_eq!(results[0]["data"]["attributes"]["name"], "APAC");
    assert_eq!(results[1]["data"]["attributes"]["name"], "Other");
    assert_eq!(json!([results[2], results[3], results[4]]), json!([{}, {}, {}]));
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [beta.as_str()]);
    let removed = scene.api.get(&scene.enrollment_path()).await;
    assert_eq!(removed.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    assert!(removed.body["data"]["attributes"]["deleted_at"].is_string());

    for href in ["/v1/nothing", "nothing", "", "https://example.com/v1/workspaces/1"] {
        let answer = operate(&scene.api, json!([{ "op": "remove", "href": href }])).await;
        assert!([404, 422].contains(&answer.status), "{href}: {answer:?}");
        assert_failed(&answer, answer.status, 0);
    }
}

#[database_test]
async fn local_id_refers_to_an_earlier_creation(pool: PgPool) {
    let scene = scene(pool).await;
    let mut group = add(&named_group("APAC"));
    group["data"]["lid"] = json!("new");
    // The same local id with another type is independent.
    let mut beta = json!({ "op": "add", "data": { "type": "workspace", "attributes": { "name": "Beta" } } });
    beta["data"]["lid"] = json!("new");
    let local = |kind: &str| json!({ "type": kind, "lid": "new" });
    let mut pair = add(&enrollment(NOBODY, NOBODY));
    for kind in ["workspace_group", "workspace"] {
        pair["data"]["relationships"][kind]["data"] = local(kind);
    }
    let acme = [identifier("workspace", &scene.workspace)];
    let operations = json!([
        group,
        beta,
        pair,
        {
            "op": "add",
            "ref": { "type": "workspace_group", "lid": "new", "relationship": "workspaces" },
            "data": acme
        },
        { "op": "update", "ref": local("workspace_group"), "data": {
            "type": "workspace_group", "lid": "new", "attributes": { "name": "LATAM" } } },
    ]);
    let answer = operate(&scene.api, operations).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let results = &answer.body["atomic:results"];
    let (group, beta) = (&results[0]["data"]["id"], &results[1]["data"]["id"]);
    let ends = &results[2]["data"]["relationships"];
    assert_eq!((&ends["workspace_group"]["data"]["id"], &ends["workspace"]["data"]["id"]), (group, beta));
    assert_eq!((&results[3], &results[4]["data"]["id"]), (&json!({}), group));
    assert_eq!(results[4]["data"]["attributes"]["name"], "LATAM");
    let path = format!("{GROUPS}/{}/relationships/workspaces", group.as_str().unwrap());
    assert_eq!(scene.api.get(&path).await.ids().len(), 2);
    assert!(!answer.body.to_string().contains("\"lid\""), "{answer:?}");
}

#[database_test]
async fn unknown_local_ids_are_refused(pool: PgPool) {
    let scene = scene(pool).await;
    let mut group = add(&named_group("APAC"));
    group["data"]["lid"] = json!("new");
    let mut pair = add(&enrollment(NOBODY, &scene.workspace));
    pair["data"]["relationships"]["workspace_group"]["data"] =
        json!({ "type": "workspace_group", "lid": "other" });
    let answer = operate(&scene.api, json!([group, pair])).await;
    let place = at("/atomic:operations/1/data/relationships/workspace_group/data/lid");
    assert_refused(&answer, 422, "VALIDATION_ERROR", place);

    // The local id belongs to another type, or is not defined yet.
    let remove = json!({ "op": "remove", "ref": { "type": "workspace", "lid": "new" } });
    assert_failed(&operate(&scene.api, json!([group, remove])).await, 422, 1);
    let remove = json!({ "op": "remove", "ref": { "type": "workspace_group", "lid": "new" } });
    assert_failed(&operate(&scene.api, json!([remove, group])).await, 422, 0);
    // A local id that is already in use is refused, too.
    assert_failed(&operate(&scene.api, json!([group, group])).await, 422, 1);
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}
