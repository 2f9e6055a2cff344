//! One caller of every kind, under the names of `docs/access.md`.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use sqlx::PgPool;

use super::access;
use crate::support::{PASSWORD, TestApp, operator, person, post};

pub(super) const NO_TOKEN: &str = "no valid token";
pub(super) const NO_SESSION: &str = "not signed in";

/// How a caller authenticates.
enum Credentials {
    Nothing,
    Token(String),
    Cookie(String),
    /// The cookies that the server has set.
    Session(&'static str),
}

pub(super) struct Caller {
    /// The column of the tables.
    pub column: &'static str,
    pub name: &'static str,
    credentials: Credentials,
    http: Client,
}

impl Caller {
    fn new(column: &'static str, name: &'static str, credentials: Credentials) -> Self {
        let http = Client::builder()
            .redirect(Policy::none())
            .cookie_store(matches!(credentials, Credentials::Session(_)))
            .build()
            .unwrap();
        Self { column, name, credentials, http }
    }

    async fn operator(app: &TestApp, column: &'static str, name: &'static str, email: &'static str) -> Self {
        operator(&app.pool, email, column, column).await;
        let caller = Self::new(column, name, Credentials::Session(email));
        caller.sign_in(app).await;
        caller
    }

    /// A request of this caller, which looks like a browser's on pages.
    pub fn ask(&self, app: &TestApp, method: &Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method.clone(), app.url(path));
        match &self.credentials {
            Credentials::Token(token) => request.bearer_auth(token),
            Credentials::Cookie(cookie) => request.header("cookie", cookie),
            Credentials::Nothing | Credentials::Session(_) => request,
        }
    }

    /// The e-mail address of a working session; empty for all other callers.
    pub fn email(&self) -> &'static str {
        if let Credentials::Session(email) = &self.credentials { email } else { "" }
    }

    /// Signs in again, because the previous attempt may have ended the session.
    pub async fn sign_in(&self, app: &TestApp) {
        let Credentials::Session(email) = &self.credentials else { return };
        let reply = self
            .ask(app, &Method::POST, "/api/fn/sign-in")
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

/// The session cookie of a new operator.
async fn cookie(app: &TestApp, email: &str, role: &str) -> String {
    operator(&app.pool, email, "Once Here", role).await;
    post(app, "sign-in", "", &[("email", email), ("password", PASSWORD)]).await.cookie()
}

async fn changed_token(app: &TestApp, change: &str) -> Credentials {
    let token = app.api_client(&["read", "write", "pipeline"]).await.token().to_owned();
    let statement =
        format!("UPDATE groupdesk.api_tokens SET {change} WHERE token_hash = sha256($1::text::bytea)");
    execute(&app.pool, &statement, &token).await;
    Credentials::Token(token)
}

async fn token_of_a_deleted_person(app: &TestApp) -> Credentials {
    person(&app.pool, "Gone", "Away", "gone@example.com").await;
    let api = app.api_client_for("gone@example.com", &["read", "write", "pipeline"]).await;
    execute(&app.pool, "DELETE FROM core_api.peoples WHERE email = $1", "gone@example.com").await;
    Credentials::Token(api.token().to_owned())
}

/// One caller of each kind for the API.
pub(super) async fn api_callers(app: &TestApp) -> Vec<Caller> {
    person(&app.pool, "Robin", "Holder", "robin@example.com").await;
    let system = async |scopes: &[&str]| Credentials::Token(app.api_client(scopes).await.token().to_owned());
    let both = ["write", "pipeline"];
    let persons = Credentials::Token(app.api_client_for("robin@example.com", &both).await.token().to_owned());
    let cookie = Credentials::Cookie(cookie(app, "cookie@example.com", "admin").await);
    let unknown = Credentials::Token(format!("groupdesk_{}", "A".repeat(43)));
    vec![
        Caller::new(NO_TOKEN, "no token", Credentials::Nothing),
        Caller::new(NO_TOKEN, "an unknown token", unknown),
        Caller::new(
            NO_TOKEN,
            "an expired token",
            changed_token(app, "expires_at = now() - interval '1s'").await,
        ),
        Caller::new(NO_TOKEN, "a revoked token", changed_token(app, "revoked_at = now()").await),
        Caller::new(NO_TOKEN, "the token of a person who was deleted", token_of_a_deleted_person(app).await),
        Caller::new(NO_TOKEN, "the session cookie of an admin", cookie),
        Caller::new("read", "a token with the scope `read`", system(&["read"]).await),
        Caller::new("write", "a token with the scope `write`", system(&["write"]).await),
        Caller::new("write", "a token with `read` and `write`", system(&["read", "write"]).await),
        Caller::new("pipeline", "a token with the scope `pipeline`", system(&["pipeline"]).await),
        Caller::new("audit", "a token with the scope `audit`", system(&["audit"]).await),
        Caller::new("write, pipeline", "a person's token with both", persons),
        Caller::new("write, pipeline", "a system token with both", system(&both).await),
    ]
}

/// One caller of each kind for the pages. Each invalid session belonged to an admin and worked before.
pub(super) async fn page_callers(app: &TestApp) -> Vec<Caller> {
    let once = async |email: &str, statement: &str| {
        let cookie = cookie(app, email, "admin").await;
        execute(&app.pool, statement, email).await;
        Credentials::Cookie(cookie)
    };
    let expired = "UPDATE groupdesk.sessions SET expiry_date = now() - interval '1s'
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE email = $1)";
    // Only this statement is tested: the product also deletes the sessions in both cases.
    let disabled = "UPDATE groupdesk.operators SET disabled_at = now() WHERE email = $1";
    let before =
        "UPDATE groupdesk.operators SET role = 'support', session_generation = session_generation + 1
         WHERE email = $1";
    let orphan = "DELETE FROM core_api.peoples WHERE email = $1";
    let made_up = Credentials::Cookie(app.cookie("groupdesk_session", &"A".repeat(22)));
    let token = app.api_client(&["read", "write", "pipeline"]).await.token().to_owned();
    vec![
        Caller::new(NO_SESSION, "no cookie", Credentials::Nothing),
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
        Caller::new(NO_SESSION, "an API token with every scope", Credentials::Token(token)),
        Caller::operator(
            app,
            "support",
            "a session of an operator with the role `support`",
            "sam@example.com",
        )
        .await,
        Caller::operator(app, "admin", "a session of an operator with the role `admin`", "ana@example.com")
            .await,
    ]
}

/// Asserts that the callers are exactly those of the document.
pub(super) fn assert_documented(callers: &[Caller]) {
    for (column, names) in access::callers() {
        if callers.iter().any(|caller| caller.column == column) {
            let tried: Vec<&str> =
                callers.iter().filter(|caller| caller.column == column).map(|caller| caller.name).collect();
            assert_eq!(tried, names, "{column}");
        }
    }
}
