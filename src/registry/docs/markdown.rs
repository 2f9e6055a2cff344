//! Descriptions, which are Markdown, as HTML.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::api::error_code;

pub fn inline(markdown: &str) -> Markup {
    let is_paragraph =
        |event: &Event<'_>| matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
    render(Parser::new(markdown).filter(|event| !is_paragraph(event)))
}

/// Headings are one level lower than in the text, because the section has a heading.
pub fn blocks(markdown: &str) -> Markup {
    render(Parser::new(markdown).map(|event| match event {
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
            Event::Start(Tag::Heading { level: HeadingLevel::H3, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(HeadingLevel::H3)),
        other => other,
    }))
}

pub fn is_error_code(word: &str) -> bool {
    error_code::ALL.iter().any(|known| known.code == word)
}

/// Error codes become links to their explanation, and HTML in the text is escaped.
fn render<'a>(events: impl Iterator<Item = Event<'a>>) -> Markup {
    let mut buffer = String::new();
    pulldown_cmark::html::push_html(
        &mut buffer,
        events.map(|event| match event {
            Event::Code(code) if is_error_code(&code) => {
                let link = html! { a href={ "#" (&*code) } { code { (&*code) } } };
                Event::InlineHtml(link.into_string().into())
            }
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            other => other,
        }),
    );
    PreEscaped(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_with_links_to_error_codes() {
        let found = blocks("## Ends\n\nOne `a<b`\ntwo <b>\n\n- `NOT_FOUND`: gone\n- else").into_string();
        let expected = "<h3>Ends</h3>\n<p>One <code>a&lt;b</code>\ntwo &lt;b&gt;</p>\n<ul>\n\
                        <li><a href=\"#NOT_FOUND\"><code>NOT_FOUND</code></a>: gone</li>\n<li>else</li>\n</ul>\n";
        assert_eq!(found, expected);
    }

    #[test]
    fn inline_markdown_has_no_paragraph() {
        assert_eq!(inline("One `two` three.").into_string(), "One <code>two</code> three.");
    }
}
