//! Log lines on standard error and, where somebody collects them, traces by OpenTelemetry.

use std::io::IsTerminal;
use std::sync::OnceLock;

use opentelemetry::trace::{TraceContextExt as _, TraceId, TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, filter};

use super::config::{LogFormat, Settings};
use crate::platform::config::secret_file;

/// Where OTLP over HTTP takes traces (OTLP 1.x, section OTLP/HTTP request).
const TRACES: &str = "/v1/traces";

static TRACES_SENT: OnceLock<SdkTracerProvider> = OnceLock::new();

/// # Errors
/// The filter, where it is not one, and an address that no traces can be sent to.
pub fn start(settings: &Settings) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.log)
        .map_err(|error| format!("{} '{}': {error}", secret_file::named("log"), settings.log))?;
    let traces = match &settings.otlp_endpoint {
        Some(endpoint) => Some(traces(endpoint)?),
        None => None,
    };
    Registry::default().with(lines(settings.log_format).with_filter(filter)).with(traces).init();
    Ok(())
}

fn lines(format: Option<LogFormat>) -> Box<dyn Layer<Registry> + Send + Sync> {
    let terminal = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if terminal { LogFormat::Pretty } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
        LogFormat::Pretty => lines.with_ansi(terminal).with_target(false).boxed(),
    }
}

/// Requests as spans, and in them their statements as events: with the text, which holds no values.
fn traces<S>(endpoint: &str) -> Result<impl Layer<S>, String>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}{TRACES}", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| format!("{}: {error}", secret_file::named("otlp_endpoint")))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("groupdesk").build())
        .build();
    let tracer: Tracer = provider.tracer("groupdesk");
    // A second start would be a mistake, and the first is the one that is stopped.
    let _ = TRACES_SENT.set(provider);
    Ok(tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_filter(filter::filter_fn(is_traced)))
}

fn is_traced(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "sqlx::query" || (target.starts_with("groupdesk") && *metadata.level() <= tracing::Level::INFO)
}

/// The trace that this span is part of, where traces are sent.
pub fn trace_id(span: &Span) -> Option<String> {
    TRACES_SENT.get()?;
    let id = span.context().span().span_context().trace_id();
    (id != TraceId::INVALID).then(|| id.to_string())
}

/// Sends what is left.
pub fn stop() {
    if let Some(provider) = TRACES_SENT.get()
        && let Err(error) = provider.shutdown()
    {
        tracing::warn!(%error, "the last traces could not be sent");
    }
}
