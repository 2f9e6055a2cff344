//! A pgbench script with the statements of a request.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::DateTime;

use crate::Result;
use crate::data::Scale;
use crate::operations::{Operation, Varying};
use crate::statements::Sample;

/// The format of a timestamp in Postgres's log.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.f%#z";
/// The column name of the new row's id in the enrolling statement, and the pgbench variable of this column.
const NEW_ID: &str = "AS \"enrollment\"";
const NEW_ID_VARIABLE: &str = ":new_enrollment";
const NEW_PREFIX: &str = "new_";

/// The path of a script, and the values of its constant variables.
pub struct Script {
    pub path: PathBuf,
    pub constants: Vec<(String, String)>,
}

impl Script {
    pub fn write(sample: &Sample, operation: Operation, scale: Scale, folder: &Path) -> Result<Self> {
        let mut values = Values { sample, constants: Vec::new(), used: Vec::new(), moment: None };
        let mut parts = Vec::new();
        for statement in &sample.statements {
            let mut in_place = Vec::new();
            for value in &statement.parameters {
                in_place.push(values.expression(value.as_deref())?);
            }
            parts.push(with_values(&with_plain_names(&statement.sql), &in_place)?);
        }
        if let Some(unused) = operation.varying().iter().find(|varying| !values.used.contains(varying)) {
            let variable = unused.variable();
            return Err(format!("no statement of {} is about its {variable}", operation.name()).into());
        }
        let source = source_of_new_id(&parts)?;

        let mut text = String::new();
        for varying in operation.varying() {
            writeln!(text, "\\set {} {}", varying.variable(), varying.expression(scale, 1))?;
        }
        for (index, sql) in parts.iter().enumerate() {
            if source == Some(index) {
                writeln!(text, "{sql}\n\\gset {NEW_PREFIX}")?;
            } else {
                writeln!(text, "{sql};")?;
            }
        }
        writeln!(text, "\\set step :step + 1")?;
        let path = folder.join(format!("{}.sql", operation.name()));
        std::fs::write(&path, text)?;
        Ok(Self { path, constants: values.constants })
    }
}

/// The statement that returns the new row's id for later ones; `None` if no statement uses it.
fn source_of_new_id(statements: &[String]) -> Result<Option<usize>> {
    let Some(user) = statements.iter().position(|sql| sql.contains(NEW_ID_VARIABLE)) else {
        return Ok(None);
    };
    let source = statements[..user].iter().rposition(|sql| sql.contains(NEW_ID));
    Ok(Some(source.ok_or_else(|| format!("the new row's id is used, and nothing gives it {NEW_ID}"))?))
}

/// Maps the value of each parameter to an expression of the script.
struct Values<'a> {
    sample: &'a Sample,
    constants: Vec<(String, String)>,
    used: Vec<Varying>,
    moment: Option<String>,
}

impl Values<'_> {
    fn expression(&mut self, value: Option<&str>) -> Result<String> {
        // A pgbench variable cannot be null.
        let Some(value) = value else { return Ok("NULL".to_owned()) };
        let sample = self.sample;
        for (varying, id) in &sample.ids {
            let computed = varying.computed_id();
            if let Some(expression) = in_place_of(id, value, computed) {
                self.used.push(*varying);
                return Ok(expression);
            }
        }
        if let Some(id) = &sample.new_id
            && let Some(expression) = in_place_of(id, value, format!("{NEW_ID_VARIABLE}::uuid"))
        {
            return Ok(expression);
        }
        if DateTime::parse_from_str(value, MOMENT).is_ok() {
            if self.moment.get_or_insert_with(|| value.to_owned()).as_str() != value {
                return Err(format!("a request has a second moment, {value}: which one is that?").into());
            }
            return Ok(":now".to_owned());
        }
        if value.is_empty() {
            // pgbench would treat this as a variable without a value.
            return Ok("''".to_owned());
        }
        // The value stays a parameter, because Postgres plans literals differently.
        let name = format!("c{}", self.constants.len() + 1);
        let expression = format!(":{name}");
        self.constants.push((name, value.to_owned()));
        Ok(expression)
    }
}

/// The expression, if the value is exactly the id or a list of only this id.
///
/// The list is built by a function instead of `ARRAY[…]`. Postgres knows the length of `ARRAY[…]` at
/// planning time, but not that of a function's result or of the server's parameter, and this decides
/// whether a prepared statement is replanned each time.
fn in_place_of(id: &str, value: &str, expression: String) -> Option<String> {
    if value == id {
        return Some(expression);
    }
    let only = value.strip_prefix('{')?.strip_suffix('}')?;
    (only == id).then(|| format!("array_append('{{}}'::uuid[], {expression})"))
}

/// sqlx's macros use column names with type information (`"enrollment?"`), which are invalid names of
/// pgbench variables.
fn with_plain_names(sql: &str) -> String {
    let plain = |(index, part): (usize, &str)| {
        let is_name = index % 2 == 1;
        let end = if is_name { part.find(['!', '?', ':']).unwrap_or(part.len()) } else { part.len() };
        part[..end].to_owned()
    };
    sql.split('"').enumerate().map(plain).collect::<Vec<_>>().join("\"")
}

/// The statement with `$1` replaced by the first value, and so on.
fn with_values(sql: &str, values: &[String]) -> Result<String> {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        let value = number.parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
        text.push_str(value.ok_or_else(|| format!("${number} has no value in the log: {sql}"))?);
        text.push_str(rest);
    }
    Ok(text)
}
