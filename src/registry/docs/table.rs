//! Tables, which on a narrow screen become cards whose cells say what they are.

use crate::registry::docs::html::{Html, element, text};

pub struct Row {
    /// For links to it.
    pub id: Option<String>,
    pub name: Vec<Html>,
    pub cells: Vec<Vec<Html>>,
}

/// A table whose rows are headed by the first of its columns.
pub fn table(caption: &str, columns: &[&str], rows: impl IntoIterator<Item = Row>) -> Html {
    let heads = columns.iter().map(|column| element("th", &[("scope", "col")], [text(column)]));
    let head = element("thead", &[], [element("tr", &[], heads)]);
    let body = element("tbody", &[], rows.into_iter().map(|one| row(columns, one)));
    let caption = element("caption", &[], [text(caption)]);
    element("table", &[("class", "table")], [caption, head, body])
}

fn row(columns: &[&str], row: Row) -> Html {
    let head = element("th", &[("scope", "row")], row.name);
    let cells = columns.iter().skip(1).zip(row.cells).map(|(column, cell)| {
        // One child: the cell is a grid where it says what it is.
        element("td", &[("data-label", *column)], [element("div", &[], cell)])
    });
    let inside = [head].into_iter().chain(cells);
    match &row.id {
        Some(id) => element("tr", &[("id", id.as_str())], inside),
        None => element("tr", &[], inside),
    }
}
