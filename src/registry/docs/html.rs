//! HTML that is put together from its parts, so that every text in it is escaped and every tag closed:
//! there is no way to add markup as text.
//!
//! The pages' own templates write marks between their nodes for the browser's script to find them by.
//! This page has no script, and those marks are no valid HTML.

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(String);

fn push_escaped(buffer: &mut String, text: &str) {
    for sign in text.chars() {
        match sign {
            '&' => buffer.push_str("&amp;"),
            '<' => buffer.push_str("&lt;"),
            '>' => buffer.push_str("&gt;"),
            '"' => buffer.push_str("&quot;"),
            other => buffer.push(other),
        }
    }
}

fn open(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut buffer = format!("<{name}");
    for (attribute, value) in attributes {
        buffer.push(' ');
        buffer.push_str(attribute);
        buffer.push_str("=\"");
        push_escaped(&mut buffer, value);
        buffer.push('"');
    }
    buffer.push('>');
    buffer
}

/// An element with what is in it.
pub fn element(name: &str, attributes: &[(&str, &str)], children: impl IntoIterator<Item = Html>) -> Html {
    let mut buffer = open(name, attributes);
    for Html(child) in children {
        buffer.push_str(&child);
    }
    buffer.push_str("</");
    buffer.push_str(name);
    buffer.push('>');
    Html(buffer)
}

/// An element that has no end.
pub fn void(name: &str, attributes: &[(&str, &str)]) -> Html {
    Html(open(name, attributes))
}

pub fn text(text: &str) -> Html {
    let mut buffer = String::with_capacity(text.len());
    push_escaped(&mut buffer, text);
    Html(buffer)
}

pub fn code(words: &str) -> Html {
    element("code", &[], [text(words)])
}

/// A whole page: its head and its body.
pub fn page(head: Html, body: Html) -> String {
    format!("<!DOCTYPE html>{}", element("html", &[("lang", "en")], [head, body]).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values_are_never_markup() {
        let link = element("a", &[("href", "/?a=\"b\"&c")], [text("1 < 2 & \"3\""), code("<b>")]);
        let expected =
            "<a href=\"/?a=&quot;b&quot;&amp;c\">1 &lt; 2 &amp; &quot;3&quot;<code>&lt;b&gt;</code></a>";
        assert_eq!(link.0, expected);
    }
}
