//! Files as spreadsheets and people write them, and our exports as input.

use groupdesk::platform::clock;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch};
use pretty_assertions::assert_eq;
use reqwest::multipart::{Form, Part};
use sqlx::PgPool;

use crate::support::{Browser, Page, TestApp, enroll, group, live_count, remove, time, workspace};

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Ids that a spreadsheet takes for formulas, and one that looks as if it was guarded against that.
const NAMES: [&str; 4] = ["+49-1", "'=2", "a;=b", "Café"];

async fn upload_list(admin: &Browser, group: &str, bytes: impl Into<Vec<u8>>) -> Page {
    let form = Form::new().part("file", Part::bytes(bytes.into()).file_name("list.csv"));
    admin.send(&format!("/groups/{group}/bulk"), form).await
}

async fn download(admin: &Browser, path: &str) -> Vec<u8> {
    let response = admin.http.get(admin.url(path)).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

/// Starts the previewed import, runs it and downloads its result.
async fn result(pool: &PgPool, admin: &Browser, preview: &Page) -> Vec<u8> {
    admin.press(preview, "import-start", &[]).await;
    while run_batch(pool, &clock::system(), None).await.unwrap() != BatchOutcome::Idle {}
    download(admin, &format!("{}/result.csv", preview.at)).await
}

fn assert_contains(page: &Page, texts: &[&str]) {
    for text in texts {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
}

/// The workspaces were in the group and are removed, so that every page about the past contains them.
async fn create_past_enrollments(pool: &PgPool, group: &str) {
    for name in NAMES {
        let id = workspace(pool, name).await;
        let row = enroll(pool, group, &id, time("2026-05-02T00:00:00Z")).await;
        remove(pool, &row, time("2026-05-04T00:00:00Z")).await;
    }
}

fn files(group: &str, format: &str) -> [String; 2] {
    [
        format!("/audit/as-of/export.{format}?group={group}&at=2026-05-03T00:00:00Z"),
        format!(
            "/audit/compare/export.{format}?group={group}&earlier=2026-05-01T00:00:00Z&later=2026-05-03T00:00:00Z"
        ),
    ]
}

#[database_test]
async fn sep_line_sets_the_separator(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for text in [
        "sep=;\r\nid;name\r\nacme;Acme\r\n",
        "\u{feff}sep=;\r\nname, as written;id\r\nAcme;acme\r\n",
        "SEP=|\nname|id\nAcme, Inc.; Paris|acme\n",
        "\"sep=\t\"\t\nid\tname\nacme\tAcme\n",
    ] {
        let preview = upload_list(&admin, &emea, text).await;
        assert_contains(
            &preview,
            &["Enroll 1 workspace in EMEA?", "1 of 1 line will be enrolled.", "column id , 1 line"],
        );
        assert_contains(&admin.open(&format!("{}?show=enrolled", preview.at)).await, &["3 acme Acme"]);
    }
    let pasted = Form::new().text("pasted", "sep=;\r\nacme;nothing\r\n");
    let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted).await;
    assert_contains(&preview, &["1 of 2 lines will be enrolled. 1 unknown.", "2 nothing"]);
    for mark in ["", "\u{feff}"] {
        let pasted = Form::new().text("pasted", format!("{mark}sep=;\r\nid;name\r\nacme;Acme, Inc.\r\n"));
        let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted).await;
        assert_contains(&preview, &["1 of 1 line will be enrolled."]);
    }
}

#[database_test]
async fn column_names_match_in_spreadsheet_spellings(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for text in [
        "Name;Workspace\u{a0}ID\r\nAcme;acme\r\n",
        "\u{feff}\u{feff}id;name\r\nacme;Acme\r\n",
        "\"Name\n(legal)\";id\r\n\"Acme\nInc.\";acme\r\n",
    ] {
        assert_contains(&upload_list(&admin, &emea, text).await, &["1 of 1 line will be enrolled."]);
    }
}

#[database_test]
async fn import_result_can_be_imported(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    for name in ["Acme", "Beta"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let list = "name,id\nAcme,acme\nLater,=later\nbeta,\n";
    let first = result(&pool, &admin, &upload_list(&admin, &emea, list).await).await;
    assert_eq!(live_count(&pool).await, 1);

    workspace(&pool, "=Later").await;
    let preview = upload_list(&admin, &emea, first.clone()).await;
    assert_contains(
        &preview,
        &["Enroll 1 workspace in EMEA?", "1 of 3 lines will be enrolled. 1 already there, 1 unreadable."],
    );
    // A line without an id still has none.
    assert_contains(&preview, &["no id on this line"]);
    let table = String::from_utf8(first[MARK.len()..].to_vec()).unwrap().replace(',', "\t");
    let pasted = Form::new().text("pasted", table);
    assert_contains(
        &admin.send(&format!("/groups/{emea}/bulk"), pasted).await,
        &["Enroll 1 workspace in EMEA?"],
    );
    let second = String::from_utf8(result(&pool, &admin, &preview).await).unwrap();
    assert!(second.contains(",'=later,") && second.contains(",enrolled,enrolled,"), "{second}");
    assert_eq!(live_count(&pool).await, 2);
}

#[database_test]
async fn every_export_with_ids_can_be_imported(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    create_past_enrollments(&pool, &emea).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    for path in files(&emea, "csv").into_iter().chain(files(&emea, "ndjson")) {
        let file = download(&admin, &path).await;
        assert_contains(&upload_list(&admin, &apac, file.clone()).await, &["4 of 4 lines will be enrolled."]);
        let pasted = Form::new().text("pasted", String::from_utf8(file).unwrap());
        let preview = admin.send(&format!("/groups/{apac}/bulk"), pasted).await;
        assert_contains(&preview, &["4 of 4 lines will be enrolled."]);
    }
    // Saved by a spreadsheet with another locale, with only the external ids.
    let [path, _] = files(&emea, "csv");
    let file = download(&admin, &path).await;
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_slice());
    for record in reader.records() {
        let record = record.unwrap();
        writer.write_record([&record[4], &record[5]]).unwrap();
    }
    let preview = upload_list(&admin, &apac, writer.into_inner().unwrap()).await;
    assert_contains(&preview, &["4 of 4 lines will be enrolled."]);
    let preview = admin.open(&format!("{}?show=enrolled", preview.at)).await;
    assert_contains(&preview, &["+49-1 +49-1", "'=2 '=2", "a;=b a;=b", "café Café"]);
}

#[database_test]
async fn event_export_can_be_imported(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "=Acme").await;
    let app = TestApp::start(pool).await;
    app.api_client(&["write"]).await.enroll(&emea, &acme).await;
    let admin = app.admin().await;
    for format in ["csv", "ndjson"] {
        let file = download(&admin, &format!("/audit/export.{format}?group={emea}")).await;
        assert_contains(&upload_list(&admin, &apac, file).await, &["1 of 1 line will be enrolled."]);
    }
}

#[database_test]
async fn csv_files_begin_with_a_byte_order_mark(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    create_past_enrollments(&pool, &emea).await;
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let preview = upload_list(&admin, &emea, "id\ncafé\n").await;
    let mut tables = vec![("result".to_owned(), result(&pool, &admin, &preview).await)];
    let events = format!("/audit/export.csv?group={emea}");
    for path in files(&emea, "csv").into_iter().chain([events.clone()]) {
        tables.push((path.clone(), download(&admin, &path).await));
    }
    for (path, table) in tables {
        let text = table.strip_prefix(MARK).unwrap_or_else(|| panic!("{path} has no byte order mark"));
        let text = std::str::from_utf8(text).unwrap();
        assert!(text.contains("Café") && !text.contains('\u{feff}'), "{path}: {text}");
    }
    for path in files(&emea, "ndjson").into_iter().chain([events.replace("csv", "ndjson")]) {
        assert!(download(&admin, &path).await.starts_with(b"{"), "{path}");
    }
}

#[database_test]
async fn guarded_ids_can_be_pasted_on_one_line(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    for name in ["+49-1", "+49-2"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let pasted = Form::new().text("pasted", "'+49-1, '+49-2");
    let preview = admin.send(&format!("/groups/{emea}/bulk"), pasted).await;
    assert_contains(&preview, &["2 of 2 lines will be enrolled."]);
}

/// Other cells of a line without an id may look like the id of another workspace.
#[database_test]
async fn line_without_an_id_adds_no_workspace_to_a_new_group(pool: PgPool) {
    for name in ["Acme", "8"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let result = "line,text,workspace_id,workspace_name,outcome,explanation,enrollment_id\r\n\
                  7,acme,,,unknown,\"no workspace has this id or external id, or it was archived\",\r\n\
                  8,,,,unreadable,no id on this line,\r\n";
    for (more, message) in [
        ("", "One workspace was not found: 8."),
        ("9,later,,,unknown,,\r\n", "Some workspaces were not found: 8, later."),
    ] {
        let pasted = format!("{result}{more}");
        let page = admin.press(&new, "group-create", &[("name", "EMEA"), ("pasted", &pasted)]).await;
        assert_eq!((page.at.as_str(), page.message().as_str()), ("/groups/new", message));
    }
    let groups: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(&pool).await.unwrap();
    assert_eq!((groups, live_count(&pool).await), (0, 0));
}

/// The resubmitted text begins with the header of the table.
#[database_test]
async fn pasted_table_survives_a_refused_group_form(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    for (name, table) in [
        ("EMEA", "sep=;\r\nbeta;acme\r\n"),
        ("APAC", "name,external_workspace_id\r\nBeta,beta\r\n"),
        ("LATAM", "{\"workspace_id\":null,\"external_workspace_id\":\"beta\"}\r\n"),
    ] {
        let new = admin.open("/groups/new").await;
        let fields: [(&str, &str); 3] = [("name", ""), ("picked[]", &acme), ("pasted", table)];
        let refused = admin.press(&new, "group-create", &fields).await;
        assert_eq!(refused.message(), "The name is missing.");
        let form = refused.form("group-create");
        assert!(form.contains(&("picked[]".to_owned(), acme.clone())), "{form:?}");
        let page = admin.press(&refused, "group-create", &[("name", name)]).await;
        assert_eq!(page.message(), format!("{name} was created with 2 workspaces."));
    }
}

#[database_test]
async fn new_group_takes_a_pasted_file_and_picked_workspaces(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    for name in ["Beta", "Cobalt"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let new = admin.open("/groups/new").await;
    let fields = [("name", "EMEA"), ("picked[]", &acme), ("pasted", "\u{feff}sep=;\r\nbeta;cobalt\r\n")];
    let page = admin.press(&new, "group-create", &fields).await;
    assert_eq!(page.message(), "EMEA was created with 3 workspaces.");
}
