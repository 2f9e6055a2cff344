//! Every kind of caller there is, under the names that `docs/access.md` gives them.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use sqlx::PgPool;

use super::access;
use crate::support::{Desk, PASSWORD, operator, person, post};

pub(super) const NO_TOKEN: &str = "no valid token";
pub(super) const NO_SESSION: &str = "not signed in";

/// What a caller shows of who they are.
enum Shows {
    Nothing,
    Token(String),
    Cookie(String),
    /// Whatever cookies the desk gave.
    Session(&'static str),
}

pub(super) struct Caller {
    /// Of the tables.
    pub column: &'static str,
    pub name: &'static str,
    shows: Shows,
    http: Client,
}

impl Caller {
    fn new(column: &'static str, name: &'static str, shows: Shows) -> Self {
        let http = Client::builder()
            .redirect(Policy::none())
            .cookie_store(matches!(shows, Shows::Session(_)))
            .build()
            .unwrap();
        Self { column, name, shows, http }
    }

    async fn operator(desk: &Desk, column: &'static str, name: &'static str, email: &'static str) -> Self {
        operator(&desk.pool, email, column, column).await;
        let caller = Self::new(column, name, Shows::Session(email));
        caller.sign_in(desk).await;
        caller
    }

    /// A request of theirs, to a page as a browser would send it.
    pub fn ask(&self, desk: &Desk, method: &Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method.clone(), desk.url(path));
        match &self.shows {
            Shows::Token(token) => request.bearer_auth(token),
            Shows::Cookie(cookie) => request.header("cookie", cookie),
            Shows::Nothing | Shows::Session(_) => request,
        }
    }

    /// Whose session it is; nobody's where it is none that works.
    pub fn email(&self) -> &'static str {
        if let Shows::Session(email) = &self.shows { email } else { "" }
    }

    /// Anew, if it is somebody who can: what was tried may have ended the session.
    pub async fn sign_in(&self, desk: &Desk) {
        let Shows::Session(email) = &self.shows else { return };
        let reply = self
            .ask(desk, &Method::POST, "/api/fn/sign-in")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .form(&[("email", email), ("password", &PASSWORD)]);
        assert_eq!(reply.send().await.unwrap().headers()["location"], "/");
    }
}

async fn execute(pool: &PgPool, statement: &str, value: &str) {
    let done = sqlx::query(statement).bind(value).execute(pool).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{statement}");
}

/// The cookie of a new session of a new operator.
async fn cookie(desk: &Desk, email: &str, role: &str) -> String {
    operator(&desk.pool, email, "Once Here", role).await;
    post(desk, "sign-in", "", &[("email", email), ("password", PASSWORD)]).await.cookie()
}

async fn token_that_is(desk: &Desk, change: &str) -> Shows {
    let token = desk.machine(&["read", "write", "pipeline"]).await.token().to_owned();
    let statement =
        format!("UPDATE groupdesk.api_tokens SET {change} WHERE token_hash = sha256($1::text::bytea)");
    execute(&desk.pool, &statement, &token).await;
    Shows::Token(token)
}

async fn token_of_nobody(desk: &Desk) -> Shows {
    person(&desk.pool, "Gone", "Away", "gone@example.com").await;
    let machine = desk.machine_for("gone@example.com", &["read", "write", "pipeline"]).await;
    execute(&desk.pool, "DELETE FROM core_api.peoples WHERE email = $1", "gone@example.com").await;
    Shows::Token(machine.token().to_owned())
}

/// Everybody who calls the API.
pub(super) async fn of_the_api(desk: &Desk) -> Vec<Caller> {
    person(&desk.pool, "Robin", "Holder", "robin@example.com").await;
    let system = async |scopes: &[&str]| Shows::Token(desk.machine(scopes).await.token().to_owned());
    let both = ["write", "pipeline"];
    let persons = Shows::Token(desk.machine_for("robin@example.com", &both).await.token().to_owned());
    let cookie = Shows::Cookie(cookie(desk, "cookie@example.com", "admin").await);
    let unknown = Shows::Token(format!("groupdesk_{}", "A".repeat(43)));
    vec![
        Caller::new(NO_TOKEN, "no token", Shows::Nothing),
        Caller::new(NO_TOKEN, "an unknown token", unknown),
        Caller::new(
            NO_TOKEN,
            "an expired token",
            token_that_is(desk, "expires_at = now() - interval '1s'").await,
        ),
        Caller::new(NO_TOKEN, "a revoked token", token_that_is(desk, "revoked_at = now()").await),
        Caller::new(NO_TOKEN, "the token of a person who was deleted", token_of_nobody(desk).await),
        Caller::new(NO_TOKEN, "the session cookie of an admin", cookie),
        Caller::new("read", "a token with the scope `read`", system(&["read"]).await),
        Caller::new("write", "a token with the scope `write`", system(&["write"]).await),
        Caller::new("write", "a token with `read` and `write`", system(&["read", "write"]).await),
        Caller::new("pipeline", "a token with the scope `pipeline`", system(&["pipeline"]).await),
        Caller::new("write, pipeline", "a person's token with both", persons),
        Caller::new("write, pipeline", "a system token with both", system(&both).await),
    ]
}

/// Everybody who opens pages. Each session that is worth nothing was an admin's and worked before.
pub(super) async fn of_the_pages(desk: &Desk) -> Vec<Caller> {
    let once = async |email: &str, statement: &str| {
        let cookie = cookie(desk, email, "admin").await;
        execute(&desk.pool, statement, email).await;
        Shows::Cookie(cookie)
    };
    let expired = "UPDATE groupdesk.sessions SET expiry_date = now() - interval '1s'
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE email = $1)";
    // By itself: the product also deletes the sessions' rows in both cases.
    let disabled = "UPDATE groupdesk.operators SET disabled_at = now() WHERE email = $1";
    let before =
        "UPDATE groupdesk.operators SET role = 'support', session_generation = session_generation + 1
         WHERE email = $1";
    let orphan = "DELETE FROM core_api.peoples WHERE email = $1";
    let made_up = Shows::Cookie(desk.cookie("groupdesk_session", &"A".repeat(22)));
    let token = desk.machine(&["read", "write", "pipeline"]).await.token().to_owned();
    vec![
        Caller::new(NO_SESSION, "no cookie", Shows::Nothing),
        Caller::new(NO_SESSION, "a made-up cookie", made_up),
        Caller::new(NO_SESSION, "a session that expired", once("expired@example.com", expired).await),
        Caller::new(
            NO_SESSION,
            "a session of an operator who was disabled",
            once("disabled@example.com", disabled).await,
        ),
        Caller::new(
            NO_SESSION,
            "a session from before the operator's role changed",
            once("before@example.com", before).await,
        ),
        Caller::new(
            NO_SESSION,
            "a session of an operator whose person was deleted",
            once("orphan@example.com", orphan).await,
        ),
        Caller::new(NO_SESSION, "an API token with every scope", Shows::Token(token)),
        Caller::operator(
            desk,
            "support",
            "a session of an operator with the role `support`",
            "sam@example.com",
        )
        .await,
        Caller::operator(desk, "admin", "a session of an operator with the role `admin`", "ana@example.com")
            .await,
    ]
}

/// The callers are those that the document tells of, no more and no fewer.
pub(super) fn are_those_of_the_document(callers: &[Caller]) {
    for (column, names) in access::callers() {
        if callers.iter().any(|caller| caller.column == column) {
            let tried: Vec<&str> =
                callers.iter().filter(|caller| caller.column == column).map(|caller| caller.name).collect();
            assert_eq!(tried, names, "{column}");
        }
    }
}
