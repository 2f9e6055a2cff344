//! Log lines on standard error and, if configured, traces by OpenTelemetry.

use std::io::IsTerminal;
use std::sync::OnceLock;

use opentelemetry::trace::{TraceContextExt as _, TraceId, TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, filter};

use super::config::{LogFormat, Settings, setting_name};

static EXPORTER: OnceLock<SdkTracerProvider> = OnceLock::new();

pub fn start(settings: &Settings) -> Result<(), String> {
    let log = settings.log.log.as_deref().unwrap_or("info");
    let filter =
        EnvFilter::try_new(log).map_err(|error| format!("{} '{log}': {error}", setting_name("log")))?;
    let traces = settings.traffic.otlp_endpoint.as_deref().map(traces).transpose()?;
    Registry::default().with(lines(settings.log.log_format).with_filter(filter)).with(traces).init();
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

/// Exports requests as spans and their statements as events. The text of a statement contains no values.
fn traces<S>(endpoint: &str) -> Result<impl Layer<S>, String>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let exporter = SpanExporter::builder()
        .with_http()
        // The path is that of OTLP 1.x, section OTLP/HTTP request.
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| format!("{}: {error}", setting_name("otlp_endpoint")))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("groupdesk").build())
        .build();
    let tracer: Tracer = provider.tracer("groupdesk");
    // Only the first start counts; `stop` shuts this exporter down.
    let _ = EXPORTER.set(provider);
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
    Ok(layer.with_filter(filter::filter_fn(|metadata| match metadata.target() {
        "sqlx::query" => true,
        target => target.starts_with("groupdesk") && *metadata.level() <= tracing::Level::INFO,
    })))
}

pub fn trace_id(span: &Span) -> Option<String> {
    EXPORTER.get()?;
    let id = span.context().span().span_context().trace_id();
    (id != TraceId::INVALID).then(|| id.to_string())
}

pub fn stop() {
    if let Some(provider) = EXPORTER.get()
        && let Err(error) = provider.shutdown()
    {
        tracing::warn!(%error, "the last traces could not be exported");
    }
}
