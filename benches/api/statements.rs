//! Records the statements of a request.
//!
//! They are read from Postgres's log, because the server's log has neither `BEGIN` nor the values. With the
//! values this code needs no knowledge of the statements' text and parameters, so it cannot become
//! outdated: a value that equals an id of the request becomes the computed id, the request's time becomes
//! that of the script, and every other value is a constant.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::Result;
use crate::data::Scale;
use crate::load::{Answer, Connection};
use crate::operations::{Progress, Request, Varying};

const TRIES: usize = 10;
/// The server's connections return to their pool shortly after the response.
const PAUSE: Duration = Duration::from_millis(200);

pub struct Statement {
    pub sql: String,
    /// The parameters as text; `None` is null.
    pub parameters: Vec<Option<String>>,
}

/// One request and its statements.
pub struct Sample {
    pub statements: Vec<Statement>,
    /// The ids in the request.
    pub ids: Vec<(Varying, String)>,
    /// The id of the created row.
    pub new_id: Option<String>,
}

impl Sample {
    fn has_same_statements(&self, other: &Self) -> bool {
        self.statements.iter().map(|one| &one.sql).eq(other.statements.iter().map(|one| &one.sql))
    }
}

/// Repeats the request until two in a row cause the same statements: occasional work, such as recording the
/// use of a token, is not part of the cost of each request.
pub async fn capture(
    connection: &mut Connection,
    request: &mut Request,
    scale: Scale,
    log: &Path,
) -> Result<Sample> {
    let mut progress = Progress::new(0, 0);
    let mut before: Option<Sample> = None;
    for _ in 0..TRIES {
        tokio::time::sleep(PAUSE).await;
        let logged = std::fs::metadata(log)?.len();
        request.fill(scale, progress)?;
        progress.step += 1;
        let answer = connection.exchange(request.bytes()).await?;
        request.check(&answer)?;
        let statements = read_log(&text_from(log, logged)?)?;
        let sample = Sample { statements, ids: request.ids(), new_id: new_id(&answer)? };
        let is_empty = sample.statements.is_empty();
        if !is_empty && before.as_ref().is_some_and(|before| before.has_same_statements(&sample)) {
            return Ok(sample);
        }
        before = Some(sample);
    }
    let name = request.operation.name();
    Err(format!("no two requests to {name} in a row left the same statements in {}", log.display()).into())
}

fn text_from(log: &Path, offset: u64) -> Result<String> {
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn new_id(answer: &Answer<'_>) -> Result<Option<String>> {
    if answer.status != 201 {
        return Ok(None);
    }
    let document: Value = serde_json::from_slice(answer.body)?;
    Ok(document["data"]["id"].as_str().map(str::to_owned))
}

/// A line that begins with a tab continues the previous one. Newer versions of Postgres write `Parameters`
/// with a capital.
fn read_log(text: &str) -> Result<Vec<Statement>> {
    let mut entries: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(more), Some(entry)) => {
                entry.push('\n');
                entry.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    let mut statements: Vec<Statement> = Vec::new();
    for entry in &entries {
        let plain = entry.strip_prefix("LOG:  statement: ");
        let prepared = entry.strip_prefix("LOG:  execute ").and_then(|rest| rest.split_once(": "));
        if let Some(sql) = plain.or(prepared.map(|(_, sql)| sql)) {
            statements.push(Statement { sql: sql.trim().to_owned(), parameters: Vec::new() });
        } else if let Some(detail) = entry.strip_prefix("DETAIL:  ")
            && let Some((_, list)) = detail.split_once("arameters: ")
            && let Some(statement) = statements.last_mut()
        {
            statement.parameters = parameters(list).ok_or_else(|| format!("cannot read '{detail}'"))?;
        }
    }
    Ok(statements)
}

/// Parses `$1 = 'it''s', $2 = NULL`.
fn parameters(list: &str) -> Option<Vec<Option<String>>> {
    let mut found = Vec::new();
    let mut rest = list;
    loop {
        let (_, value) = rest.split_once(" = ")?;
        rest = if let Some(after) = value.strip_prefix("NULL") {
            found.push(None);
            after
        } else {
            let (text, after) = quoted(value)?;
            found.push(Some(text));
            after
        };
        match rest.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return Some(found),
        }
    }
}

/// The quoted text with unescaped quotes, and the remaining text.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}
