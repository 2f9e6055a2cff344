//! Runs a script with pgbench, which shows what Postgres achieves by itself.

use std::str::FromStr;

use groupdesk::platform::db::ConnectionMode;
use sqlx::postgres::PgConnectOptions;
use tokio::process::Command;

use crate::Result;
use crate::data::CLIENTS;
use crate::load::Measured;
use crate::script::Script;
use crate::server::Settings;

/// As many threads as the processors for which the limit is defined, so that pgbench is as fast as
/// possible.
const THREADS: u64 = 2;

/// The sessions have the server's settings, because the comparison is about the same statements with the same plans.
pub async fn measure(settings: &Settings, script: &Script, turn: u64, seconds: u64) -> Result<Measured> {
    let database = ConnectionMode::Direct.options(PgConnectOptions::from_str(&settings.database_url)?);
    let mut command = Command::new(&settings.pgbench);
    // Prepared statements, like those of the server.
    command
        .args(["--no-vacuum", "--protocol=prepared"])
        .arg(format!("--client={CLIENTS}"))
        .arg(format!("--jobs={THREADS}"))
        .arg(format!("--time={seconds}"))
        .arg(format!("--define=lane={}", turn * CLIENTS))
        .args(["--define=step=0", "--define=now=now"]);
    for (name, value) in &script.constants {
        command.arg(format!("--define={name}={value}"));
    }
    command.arg("--file").arg(&script.path).arg("--username").arg(database.get_username()).arg("--host");
    match database.get_socket() {
        Some(folder) => command.arg(folder),
        None => command.arg(database.get_host()).arg("--port").arg(database.get_port().to_string()),
    };
    command.arg(database.get_database().unwrap_or("postgres")).kill_on_drop(true);
    command.env("PGOPTIONS", database.get_options().unwrap_or_default());

    let output = command.output().await?;
    let output_text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("pgbench failed with {}: {why}", script.path.display()).into());
    }
    Ok(Measured {
        done: after(&output_text, "number of transactions actually processed: ")?,
        rate: after(&output_text, "tps = ")?,
    })
}

/// The number after this text.
fn after<T: FromStr>(output_text: &str, words: &str) -> Result<T> {
    let number = output_text.split_once(words).and_then(|(_, rest)| rest.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| format!("pgbench did not say \"{words}\" but: {output_text}").into())
}
