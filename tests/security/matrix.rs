//! `docs/access.md`, row by row: every address as every kind of caller.

use std::collections::BTreeSet;

use groupdesk::platform::clock;
use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, Row, SECTIONS, Verdict, rows};
use super::callers::{self, Caller};
use super::state::State;
use super::things::{SECRET, Things};
use super::{deeds, forms, routes};
use crate::support::{Answer, Desk, IdentityProvider, Reply};

#[test]
fn the_matrix_has_a_row_for_every_address_and_none_besides() {
    let listed: BTreeSet<String> =
        SECTIONS.iter().flat_map(|section| rows(section)).map(|row| row.address()).collect();
    assert_eq!(listed, routes::all());
}

/// Of the table of open addresses each column is everybody.
#[test]
fn the_matrix_is_as_large_as_one_thinks() {
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
    assert!(lines >= 170 && cells >= 1_700, "{lines} rows, {cells} cells");
}

fn is_of_api(column: &str) -> bool {
    column == callers::NO_TOKEN || ["read", "write", "pipeline", "write, pipeline"].contains(&column)
}

#[database_test]
async fn the_api(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let callers = callers::of_the_api(&desk).await;
    Trial { desk: &desk, callers: &callers }.rows(API).await;
}

#[database_test]
async fn pages_and_files(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let callers = callers::of_the_pages(&desk).await;
    Trial { desk: &desk, callers: &callers }.rows(PAGES).await;
}

#[database_test]
async fn server_functions_that_read(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let callers = callers::of_the_pages(&desk).await;
    Trial { desk: &desk, callers: &callers }.rows(READING).await;
}

/// With an identity provider, to whose accounts an admin links operators.
#[database_test]
async fn server_functions_that_change(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let desk = Desk::signed_in_by(pool, clock::system(), &provider).await;
    let callers = callers::of_the_pages(&desk).await;
    Trial { desk: &desk, callers: &callers }.rows(CHANGING).await;
}

/// With an identity provider, without which two addresses are not there.
#[database_test]
async fn what_is_open_to_everybody(pool: PgPool) {
    let provider = IdentityProvider::start().await;
    let desk = Desk::signed_in_by(pool, clock::system(), &provider).await;
    let callers = callers::of_the_pages(&desk).await;
    Trial { desk: &desk, callers: &callers }.rows(OPEN).await;
}

/// The methods that no row names: those that only ask, and those that nothing has.
#[database_test]
async fn no_other_method_is_a_way_in(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let (machines, pages) = (callers::of_the_api(&desk).await, callers::of_the_pages(&desk).await);
    let things = Things::make(&pool).await;
    let before = State::of(&pool).await;
    for (section, row) in
        [API, PAGES].into_iter().flat_map(|section| rows(section).into_iter().map(move |row| (section, row)))
    {
        let path = deeds::path(&row, &things);
        for method in ["HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND", "get"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let all = if section == API { &machines } else { &pages };
            for caller in [all.first().unwrap(), all.last().unwrap()] {
                let request = caller.ask(&desk, &method, &path).header("sec-fetch-site", "same-origin");
                let reply = Reply::read(request).await;
                let told = format!("{method} {path} as {}: {}", caller.name, reply.status);
                let is_nobody = [callers::NO_TOKEN, callers::NO_SESSION].contains(&caller.column);
                let expected: &[u16] = match (section == API, is_nobody) {
                    (true, true) => &[401],
                    (false, true) => &[303, 401],
                    // Those that ask are answered where there is something to ask about.
                    (_, false) => &[200, 204, 303, 404, 405],
                };
                assert!(expected.contains(&reply.status), "{told}");
                assert!(method == Method::HEAD || !is_nobody || reply.status != 200, "{told}");
            }
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

struct Trial<'a> {
    desk: &'a Desk,
    callers: &'a [Caller],
}

impl Trial<'_> {
    async fn rows(&self, section: &str) {
        callers::are_those_of_the_document(self.callers);
        let mut things = Things::make(&self.desk.pool).await;
        for row in rows(section) {
            self.refused(section, &row, &things).await;
            things = self.allowed(section, &row, things).await;
        }
    }

    /// Who is not to get in at this row, and that nothing was changed by their trying.
    async fn refused(&self, section: &str, row: &Row, things: &Things) {
        if section == OPEN {
            return;
        }
        let fields = self.fields(section, row, things, "").await;
        let before = State::of(&self.desk.pool).await;
        for caller in self.callers {
            let verdict = row.verdict(caller.column);
            if verdict != Verdict::Yes {
                let reply = Reply::read(self.request(section, caller, row, things, &fields)).await;
                self.is_refused(section, caller, row, verdict, &reply).await;
            }
        }
        let after = State::of(&self.desk.pool).await;
        assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "{}", row.name());
    }

    /// Who is to get in. What changes something is seen to have done so: a request that would have been
    /// turned away for another reason proves nothing.
    async fn allowed(&self, section: &str, row: &Row, mut things: Things) -> Things {
        let changes = section == CHANGING || (row.method != Method::GET && [API, PAGES].contains(&section));
        for caller in self.callers {
            if section != OPEN && row.verdict(caller.column) != Verdict::Yes {
                continue;
            }
            if changes || section == OPEN {
                things = Things::make(&self.desk.pool).await;
            }
            let fields = self.fields(section, row, &things, caller.email()).await;
            let before = if changes { Some(State::of(&self.desk.pool).await) } else { None };
            let request = self.request(section, caller, row, &things, &fields);
            let told = format!("{} as {}", row.name(), caller.name);
            if section == API {
                let answer = Answer::read(request).await;
                assert!((200..300).contains(&answer.status), "{told}: {answer:?}");
            } else {
                is_allowed(section, row, &Reply::read(request).await, &told);
            }
            if let Some(before) = before {
                let after = State::of(&self.desk.pool).await;
                assert!(!after.changed_since(&before).is_empty(), "{told} changed nothing");
            }
            if section == OPEN || ends_sessions(row) {
                caller.sign_in(self.desk).await;
            }
        }
        things
    }

    async fn fields(&self, section: &str, row: &Row, things: &Things, email: &str) -> forms::Fields {
        if !row.path.starts_with(paths::FUNCTIONS) {
            return Vec::new();
        }
        if section == READING || row.path.ends_with("-read") {
            return forms::reading(row.function(), things);
        }
        forms::changing(&self.desk.pool, row.function(), things, email).await
    }

    fn request(
        &self,
        section: &str,
        caller: &Caller,
        row: &Row,
        things: &Things,
        fields: &forms::Fields,
    ) -> RequestBuilder {
        if !row.path.starts_with(paths::FUNCTIONS) {
            return deeds::request(self.desk, caller, row, things);
        }
        let request = caller.ask(self.desk, &row.method, &row.path);
        let reads = section == READING || row.path.ends_with("-read");
        // A script asks what is read, a form sends what changes.
        let request = if reads { request } else { request.header("accept", "text/html") };
        request.header("sec-fetch-site", "same-origin").form(fields)
    }

    async fn is_refused(&self, section: &str, caller: &Caller, row: &Row, verdict: Verdict, reply: &Reply) {
        let told = format!("{} as {}: {reply:?}", row.name(), caller.name);
        let location = reply.header("location");
        match (section, verdict) {
            (API, verdict) => is_refused_by_the_api(verdict, reply, &told),
            (PAGES, Verdict::SignIn) if row.path == paths::LIVE => assert_eq!(reply.status, 401, "{told}"),
            (PAGES, Verdict::SignIn) => {
                let is_sent = reply.status == 303 && location.starts_with("/login");
                assert!(is_sent, "{told}");
            }
            (PAGES, Verdict::Nothing) => assert_eq!(reply.status, 404, "{told}"),
            (PAGES, Verdict::No) if row.method == Method::GET => assert_eq!(reply.status, 403, "{told}"),
            (READING, Verdict::No) => assert_eq!(reply.status, 403, "{told}"),
            (READING, Verdict::SignIn) => assert_eq!(reply.status, 401, "{told}"),
            (CHANGING, Verdict::SignIn) => {
                let is_sent = reply.status == 302 && location.starts_with("/login");
                assert!(is_sent, "{told}");
            }
            (CHANGING | PAGES, Verdict::No) => {
                assert!([302, 303].contains(&reply.status), "{told}");
                let page = caller.ask(self.desk, &Method::GET, location).header("accept", "text/html");
                let page = Reply::read(page).await.text;
                assert!(page.contains("Only admins may"), "{told}\n{page}");
            }
            (section, verdict) => panic!("{verdict:?} has no meaning below '{section}': {told}"),
        }
        // Where support is refused a change they still see the page.
        if verdict == Verdict::SignIn || [API, READING].contains(&section) {
            assert!(!reply.text.contains(SECRET), "{told}");
        }
    }
}

fn is_refused_by_the_api(verdict: Verdict, reply: &Reply, told: &str) {
    let body: Value = serde_json::from_str(&reply.text).unwrap_or_else(|_| panic!("no document: {told}"));
    let error = &body["errors"][0];
    let (status, codes): (u16, &[&str]) = match verdict {
        Verdict::SignIn => (401, &["UNAUTHORIZED"]),
        Verdict::No => (403, &["FORBIDDEN"]),
        Verdict::Never => (403, &["RELATIONSHIP_READ_ONLY", "FULL_REPLACEMENT_UNSUPPORTED"]),
        Verdict::Nothing => (404, &["NOT_FOUND"]),
        Verdict::Yes => panic!("that is no refusal: {told}"),
    };
    assert_eq!(reply.status, status, "{told}");
    assert!(codes.iter().any(|code| error["code"] == *code), "{told}");
    if verdict == Verdict::No {
        let detail = error["detail"].as_str().unwrap();
        assert!(detail.starts_with("This needs a token with the scope "), "{told}");
    }
    if verdict == Verdict::SignIn {
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{told}");
    }
}

fn is_allowed(section: &str, row: &Row, reply: &Reply, told: &str) {
    let location = reply.header("location");
    let (path, told) = (row.path.as_str(), format!("{told}: {reply:?}"));
    if path == paths::OIDC {
        let is_elsewhere = location.starts_with("http") && location.contains("code_challenge=");
        assert!(reply.status == 303 && is_elsewhere, "{told}");
    } else if path == paths::OIDC_CALLBACK {
        // Which nobody had begun. Who is to sign in first would be led back here afterwards.
        assert!(reply.status == 303 && ["/", "/login"].contains(&location), "{told}");
    } else if section == CHANGING || is_form(row) || path == paths::AUDIT_GO {
        let signs_out = path.contains("/sign-out");
        let leads_on = [302, 303].contains(&reply.status) && (signs_out || !location.starts_with("/login"));
        assert!(leads_on, "{told}");
    } else {
        assert_eq!(reply.status, 200, "{told}");
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
