//! What a request said to the database, and what the database said back, as sqlx logs both: each
//! statement, and each notice.
//!
//! The log is the process's and tests share a process. But a test has one thread, on which its desk
//! answers too, so each hears what is said on its own thread, once it has begun to listen; to all
//! others the log costs a look at one flag.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

const STATEMENT: &str = "sqlx::query";
const NOTICE: &str = "sqlx::postgres::notice";

#[derive(Default)]
struct Heard {
    statements: Vec<String>,
    notices: Vec<String>,
}

thread_local! {
    /// By request id; `None` while nobody listens on this thread.
    static HEARD: RefCell<Option<HashMap<String, Heard>>> = const { RefCell::new(None) };
}

/// Begins to listen to the requests of this test. One default for the process, and not one for each
/// test: what is of interest to whom is decided once a place in the code, by whoever is first there.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ear = tracing_subscriber::registry().with(Ear);
        tracing::subscriber::set_global_default(ear).expect("the only one");
        // Whoever was first at a place in the very moment of this found nobody interested.
        tracing::callsite::rebuild_interest_cache();
    });
    HEARD.with_borrow_mut(|heard| *heard = Some(HashMap::new()));
}

/// The statements of the request with this `X-Request-Id`, in their order, but for the ends of
/// transactions (sqlx does not log their beginnings), what a new connection begins with, and what one that was
/// idle is asked.
pub fn statements_of(request_id: &str) -> Vec<String> {
    of(request_id, |heard| heard.statements.clone())
}

/// What the database remarked during this request.
pub fn notices_of(request_id: &str) -> Vec<String> {
    of(request_id, |heard| heard.notices.clone())
}

fn of(request_id: &str, part: impl Fn(&Heard) -> Vec<String>) -> Vec<String> {
    HEARD.with_borrow(|heard| {
        let heard = heard.as_ref().expect("a test that listens");
        heard.get(request_id).map(part).unwrap_or_default()
    })
}

struct Ear;

struct RequestId(String);

fn is_wanted(metadata: &Metadata<'_>) -> bool {
    let is_request = metadata.is_span() && metadata.name() == "request";
    let is_log = metadata.target() == STATEMENT || metadata.target() == NOTICE;
    *metadata.level() <= Level::DEBUG && (is_request || is_log)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Ear {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_wanted(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    /// The span is there before it has its id.
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let (Some(id_text), Some(span)) = (fields.take("request_id"), context.span(id)) {
            span.extensions_mut().insert(RequestId(id_text));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        HEARD.with_borrow_mut(|heard| {
            let Some(heard) = heard else { return };
            let Some(span) = context.event_span(event) else { return };
            let extensions = span.extensions();
            let Some(RequestId(id)) = extensions.get::<RequestId>() else { return };
            let mut fields = Fields::default();
            event.record(&mut fields);
            let heard = heard.entry(id.clone()).or_default();
            if event.metadata().target() == NOTICE {
                heard.notices.extend(fields.take("message"));
            } else {
                heard.statements.extend(fields.statement());
            }
        });
    }
}

#[derive(Default)]
struct Fields(HashMap<&'static str, String>);

impl Fields {
    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The whole of it is left out where its first words are all there is.
    fn statement(&mut self) -> Option<String> {
        let whole = self.take("db.statement").filter(|whole| !whole.is_empty());
        let statement = whole.or_else(|| self.take("summary"))?.trim().to_owned();
        let is_aside = ["COMMIT", "ROLLBACK"].contains(&statement.as_str())
            || statement.starts_with("SELECT set_config('role'")
            || statement == "SHOW transaction_read_only";
        (!is_aside).then_some(statement)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
