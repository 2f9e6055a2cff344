//! Tests `docs/access.md` row by row: every path as every kind of caller.

use std::collections::BTreeSet;

use groupdesk::platform::clock;
use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, Row, SECTIONS, Verdict, rows};
use super::callers::{self, Caller};
use super::fixtures::{Fixtures, SECRET};
use super::state::State;
use super::{forms, requests, routes};
use crate::support::{Answer, IdentityProvider, Reply, TestApp};

#[test]
fn matrix_lists_exactly_the_existing_paths() {
    let listed: BTreeSet<String> =
        SECTIONS.iter().flat_map(|section| rows(section)).map(|row| row.address()).collect();
    assert_eq!(listed, routes::all());
}

/// In the table of open paths each column stands for all callers.
#[test]
fn matrix_is_not_accidentally_empty() {
    let of = |section: &str| -> usize {
        let by_column: Vec<usize> = super::access::callers()
            .iter()
            .filter(|(column, _)| is_of_api(column) == (section == API))
            .map(|(_, names)| names.len())
            .collect();
        rows(section).len() * by_column.iter().sum::<usize>()
    };
    let (lines, cells): (usize, usize) = SECTIONS
        .iter()
        .fold((0, 0), |(lines, cells), section| (lines + rows(section).len(), cells + of(section)));
    println!("{lines} rows, {cells} cells");
    assert!(lines >= 150 && cells >= 1_500, "{lines} rows, {cells} cells");
}

fn is_of_api(column: &str) -> bool {
    column == callers::NO_TOKEN || ["read", "write", "pipeline", "write, pipeline", "audit"].contains(&column)
}

#[database_test]
async fn api_access(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let callers = callers::api_callers(&app).await;
    AccessTest { app: &app, callers: &callers }.rows(API).await;
}

#[database_test]
async fn page_and_file_access(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let callers = callers::page_callers(&app).await;
    AccessTest { app: &app, callers: &callers }.rows(PAGES).await;
}

#[database_test]
async fn reading_function_access(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let callers = callers::page_callers(&app).await;
    AccessTest { app: &app, callers: &callers }.rows(READING).await;
}

/// The server has an identity provider, so that an admin can link operators to its accounts.
#[database_test]
async fn changing_function_access(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let app = TestApp::with_provider(pool, clock::system(), &provider).await;
    let callers = callers::page_callers(&app).await;
    AccessTest { app: &app, callers: &callers }.rows(CHANGING).await;
}

/// The server has an identity provider, because two of the paths exist only then.
#[database_test]
async fn public_access(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let app = TestApp::with_provider(pool, clock::system(), &provider).await;
    let callers = callers::page_callers(&app).await;
    AccessTest { app: &app, callers: &callers }.rows(OPEN).await;
}

/// Methods that no row names: safe methods, and methods without a handler.
#[database_test]
async fn other_methods_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (machines, pages) = (callers::api_callers(&app).await, callers::page_callers(&app).await);
    let fixtures = Fixtures::make(&pool).await;
    let before = State::of(&pool).await;
    for (section, row) in
        [API, PAGES].into_iter().flat_map(|section| rows(section).into_iter().map(move |row| (section, row)))
    {
        let path = requests::path(&row, &fixtures);
        for method in ["HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND", "get"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let all = if section == API { &machines } else { &pages };
            for caller in [all.first().unwrap(), all.last().unwrap()] {
                let request = caller.ask(&app, &method, &path).header("sec-fetch-site", "same-origin");
                let reply = Reply::read(request).await;
                let context = format!("{method} {path} as {}: {}", caller.name, reply.status);
                let is_nobody = [callers::NO_TOKEN, callers::NO_SESSION].contains(&caller.column);
                let expected: &[u16] = match (section == API, is_nobody) {
                    (true, true) => &[401],
                    (false, true) => &[303, 401],
                    // Safe methods work where GET does.
                    (_, false) if method == Method::HEAD && row.verdict(caller.column) == Verdict::No => {
                        &[403, 405]
                    }
                    (_, false) => &[200, 204, 303, 404, 405],
                };
                assert!(expected.contains(&reply.status), "{context}");
                assert!(method == Method::HEAD || !is_nobody || reply.status != 200, "{context}");
            }
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

struct AccessTest<'a> {
    app: &'a TestApp,
    callers: &'a [Caller],
}

impl AccessTest<'_> {
    async fn rows(&self, section: &str) {
        callers::assert_documented(self.callers);
        let mut fixtures = Fixtures::make(&self.app.pool).await;
        for row in rows(section) {
            self.try_refused_callers(section, &row, &fixtures).await;
            fixtures = self.try_allowed_callers(section, &row, fixtures).await;
        }
    }

    /// Sends the row's request as every caller who must be refused, and asserts that nothing changes.
    async fn try_refused_callers(&self, section: &str, row: &Row, fixtures: &Fixtures) {
        if section == OPEN {
            return;
        }
        let fields = self.fields(section, row, fixtures, "").await;
        let before = State::of(&self.app.pool).await;
        for caller in self.callers {
            let verdict = row.verdict(caller.column);
            if verdict != Verdict::Yes {
                let reply = Reply::read(self.request(section, caller, row, fixtures, &fields)).await;
                self.assert_refused(section, caller, row, verdict, &reply).await;
            }
        }
        let after = State::of(&self.app.pool).await;
        assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "{}", row.name());
    }

    /// Sends the row's request as every caller who is allowed. A change must have an effect, because a
    /// request that is refused for another reason would prove nothing.
    async fn try_allowed_callers(&self, section: &str, row: &Row, mut fixtures: Fixtures) -> Fixtures {
        let changes = section == CHANGING || (row.method != Method::GET && [API, PAGES].contains(&section));
        for caller in self.callers {
            if section != OPEN && row.verdict(caller.column) != Verdict::Yes {
                continue;
            }
            if changes || section == OPEN {
                fixtures = Fixtures::make(&self.app.pool).await;
            }
            let fields = self.fields(section, row, &fixtures, caller.email()).await;
            let before = if changes { Some(State::of(&self.app.pool).await) } else { None };
            let request = self.request(section, caller, row, &fixtures, &fields);
            let context = format!("{} as {}", row.name(), caller.name);
            if section == API {
                let answer = Answer::read(request).await;
                assert!((200..300).contains(&answer.status), "{context}: {answer:?}");
            } else {
                assert_allowed(section, row, &Reply::read(request).await, &context);
            }
            if let Some(before) = before {
                let after = State::of(&self.app.pool).await;
                assert!(!after.changed_since(&before).is_empty(), "{context} changed nothing");
            }
            if section == OPEN || ends_sessions(row) {
                caller.sign_in(self.app).await;
            }
        }
        fixtures
    }

    async fn fields(&self, section: &str, row: &Row, fixtures: &Fixtures, email: &str) -> forms::Fields {
        if !row.path.starts_with(paths::FUNCTIONS) {
            return Vec::new();
        }
        if section == READING || row.path.ends_with("-read") {
            return forms::read_fields(row.function(), fixtures);
        }
        forms::change_fields(&self.app.pool, row.function(), fixtures, email).await
    }

    fn request(
        &self,
        section: &str,
        caller: &Caller,
        row: &Row,
        fixtures: &Fixtures,
        fields: &forms::Fields,
    ) -> RequestBuilder {
        if !row.path.starts_with(paths::FUNCTIONS) {
            return requests::request(self.app, caller, row, fixtures);
        }
        let request = caller.ask(self.app, &row.method, &row.path);
        let reads = section == READING || row.path.ends_with("-read");
        // Reading functions are called by scripts, and changing ones by forms.
        let request = if reads { request } else { request.header("accept", "text/html") };
        request.header("sec-fetch-site", "same-origin").form(fields)
    }

    async fn assert_refused(
        &self,
        section: &str,
        caller: &Caller,
        row: &Row,
        verdict: Verdict,
        reply: &Reply,
    ) {
        let context = format!("{} as {}: {reply:?}", row.name(), caller.name);
        let location = reply.header("location");
        match (section, verdict) {
            (API, verdict) => assert_refused_by_api(verdict, reply, &context),
            (PAGES, Verdict::SignIn) if row.path == paths::LIVE => assert_eq!(reply.status, 401, "{context}"),
            (PAGES, Verdict::SignIn) => {
                let is_sent = reply.status == 303 && location.starts_with("/login");
                assert!(is_sent, "{context}");
            }
            (PAGES, Verdict::Nothing) => assert_eq!(reply.status, 404, "{context}"),
            (PAGES, Verdict::No) if row.method == Method::GET => assert_eq!(reply.status, 403, "{context}"),
            (READING, Verdict::No) => assert_eq!(reply.status, 403, "{context}"),
            (READING, Verdict::SignIn) => assert_eq!(reply.status, 401, "{context}"),
            (CHANGING, Verdict::SignIn) => {
                let is_sent = reply.status == 302 && location.starts_with("/login");
                assert!(is_sent, "{context}");
            }
            (CHANGING | PAGES, Verdict::No) => {
                assert!([302, 303].contains(&reply.status), "{context}");
                let page = caller.ask(self.app, &Method::GET, location).header("accept", "text/html");
                let page = Reply::read(page).await.text;
                assert!(page.contains("Only admins may"), "{context}\n{page}");
            }
            (section, verdict) => panic!("{verdict:?} has no meaning below '{section}': {context}"),
        }
        // Support still sees the page after a refused change.
        if verdict == Verdict::SignIn || [API, READING].contains(&section) {
            assert!(!reply.text.contains(SECRET), "{context}");
        }
    }
}

fn assert_refused_by_api(verdict: Verdict, reply: &Reply, context: &str) {
    let body: Value = serde_json::from_str(&reply.text).unwrap_or_else(|_| panic!("no document: {context}"));
    let error = &body["errors"][0];
    let (status, codes): (u16, &[&str]) = match verdict {
        Verdict::SignIn => (401, &["UNAUTHORIZED"]),
        Verdict::No => (403, &["FORBIDDEN"]),
        Verdict::Never => (403, &["RELATIONSHIP_READ_ONLY", "FULL_REPLACEMENT_UNSUPPORTED"]),
        Verdict::Nothing => (404, &["NOT_FOUND"]),
        Verdict::Yes => panic!("not a refusal: {context}"),
    };
    assert_eq!(reply.status, status, "{context}");
    assert!(codes.iter().any(|code| error["code"] == *code), "{context}");
    if verdict == Verdict::No {
        let detail = error["detail"].as_str().unwrap();
        assert!(detail.starts_with("This request requires a token with the scope "), "{context}");
    }
    if verdict == Verdict::SignIn {
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{context}");
    }
}

fn assert_allowed(section: &str, row: &Row, reply: &Reply, context: &str) {
    let location = reply.header("location");
    let (path, context) = (row.path.as_str(), format!("{context}: {reply:?}"));
    if path == paths::OIDC {
        let is_elsewhere = location.starts_with("http") && location.contains("code_challenge=");
        assert!(reply.status == 303 && is_elsewhere, "{context}");
    } else if path == paths::OIDC_CALLBACK {
        // The flow was never started. A caller who must sign in would be redirected to the sign-in page.
        assert!(reply.status == 303 && ["/", "/login"].contains(&location), "{context}");
    } else if section == CHANGING || is_form(row) || path == paths::AUDIT_GO || path == paths::FIND {
        let signs_out = path.contains("/sign-out");
        let leads_on = [302, 303].contains(&reply.status) && (signs_out || !location.starts_with("/login"));
        assert!(leads_on, "{context}");
    } else {
        assert_eq!(reply.status, 200, "{context}");
    }
}

fn is_form(row: &Row) -> bool {
    row.method == Method::POST && !row.path.ends_with("-read")
}

fn ends_sessions(row: &Row) -> bool {
    ["password-change", "sessions-end-others", "sign-out-everywhere"]
        .iter()
        .any(|name| row.path.ends_with(name))
}
