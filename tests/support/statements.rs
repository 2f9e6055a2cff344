//! Records the SQL statements of a request and the notices of the database, from the events that sqlx logs.
//!
//! The log belongs to the process, and tests share a process. But a test runs on one thread, and so does
//! its server, so each test records what happens on its own thread after it has called [`listen`]. For all
//! other tests the log costs one check of a flag.

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
struct Recording {
    statements: Vec<String>,
    notices: Vec<String>,
}

thread_local! {
    /// By request id; `None` while this thread does not record.
    static RECORDINGS: RefCell<Option<HashMap<String, Recording>>> = const { RefCell::new(None) };
}

/// Starts recording the requests of this test. There is one subscriber for the process, because tracing
/// decides once for each callsite which subscribers are interested.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(Recorder);
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber");
        // Callsites that were reached before have cached that nobody is interested.
        tracing::callsite::rebuild_interest_cache();
    });
    RECORDINGS.with_borrow_mut(|recording| *recording = Some(HashMap::new()));
}

/// The statements of the request with this `X-Request-Id`, in their order. Left out are the ends of
/// transactions (sqlx does not log their beginnings), and the statements that prepare a new connection or
/// check an idle one.
pub fn statements_of(request_id: &str) -> Vec<String> {
    of(request_id, |recording| recording.statements.clone())
}

/// The notices of the database during this request.
pub fn notices_of(request_id: &str) -> Vec<String> {
    of(request_id, |recording| recording.notices.clone())
}

fn of(request_id: &str, part: impl Fn(&Recording) -> Vec<String>) -> Vec<String> {
    RECORDINGS.with_borrow(|recording| {
        let recording = recording.as_ref().expect("a test that called listen");
        recording.get(request_id).map(part).unwrap_or_default()
    })
}

struct Recorder;

struct RequestId(String);

fn is_wanted(metadata: &Metadata<'_>) -> bool {
    let is_request = metadata.is_span() && metadata.name() == "request";
    let is_log = metadata.target() == STATEMENT || metadata.target() == NOTICE;
    *metadata.level() <= Level::DEBUG && (is_request || is_log)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_wanted(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    /// The request span exists before its id is recorded.
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let (Some(id_text), Some(span)) = (fields.take("request_id"), context.span(id)) {
            span.extensions_mut().insert(RequestId(id_text));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        RECORDINGS.with_borrow_mut(|recording| {
            let Some(recording) = recording else { return };
            let Some(span) = context.event_span(event) else { return };
            let extensions = span.extensions();
            let Some(RequestId(id)) = extensions.get::<RequestId>() else { return };
            let mut fields = Fields::default();
            event.record(&mut fields);
            let recording = recording.entry(id.clone()).or_default();
            if event.metadata().target() == NOTICE {
                recording.notices.extend(fields.take("message"));
            } else {
                recording.statements.extend(fields.statement());
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

    /// sqlx leaves the full statement out if the summary contains all of it.
    fn statement(&mut self) -> Option<String> {
        let whole = self.take("db.statement").filter(|whole| !whole.is_empty());
        let statement = whole.or_else(|| self.take("summary"))?.trim().to_owned();
        let is_internal = ["COMMIT", "ROLLBACK"].contains(&statement.as_str())
            || statement.starts_with("SELECT set_config('role'")
            || statement == "SHOW transaction_read_only";
        (!is_internal).then_some(statement)
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
