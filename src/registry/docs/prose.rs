//! Descriptions as HTML. They are written in the little of Markdown that they need: paragraphs, lists,
//! headings, and code.

use crate::registry::docs::html::{Html, code, element, text};
use crate::registry::docs::is_error_code;

/// Text with its code marked; the code of an error leads to where that is explained.
pub fn inline(words: &str) -> Vec<Html> {
    let pieces = words.split('`').enumerate().filter(|(_, piece)| !piece.is_empty());
    pieces.map(|(index, piece)| if index % 2 == 0 { text(piece) } else { mark(piece) }).collect()
}

fn mark(piece: &str) -> Html {
    if is_error_code(piece) {
        let address = format!("#{piece}");
        element("a", &[("href", address.as_str())], [code(piece)])
    } else {
        code(piece)
    }
}

/// Paragraphs and lists.
pub fn blocks(markdown: &str) -> Vec<Html> {
    markdown.split("\n\n").filter(|block| !block.is_empty()).flat_map(block).collect()
}

fn block(block: &str) -> Vec<Html> {
    if let Some(title) = block.strip_prefix("## ") {
        return vec![element("h3", &[], inline(title))];
    }
    let lines: Vec<&str> = block.lines().collect();
    let items: Option<Vec<Html>> = lines
        .iter()
        .map(|line| line.strip_prefix("- ").map(|item| element("li", &[], inline(item))))
        .collect();
    vec![match items {
        Some(items) => element("ul", &[], items),
        None => element("p", &[], inline(&lines.join(" "))),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_paragraphs_lists_headings_and_code() {
        let found = blocks("## Ends\n\nOne `a<b`\ntwo\n\n- `NOT_FOUND`: gone\n- else");
        let expected = [
            element("h3", &[], [text("Ends")]),
            element("p", &[], [text("One "), code("a<b"), text(" two")]),
            element(
                "ul",
                &[],
                [
                    element(
                        "li",
                        &[],
                        [element("a", &[("href", "#NOT_FOUND")], [code("NOT_FOUND")]), text(": gone")],
                    ),
                    element("li", &[], [text("else")]),
                ],
            ),
        ];
        assert_eq!(found, expected);
    }
}
