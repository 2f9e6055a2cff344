//! Makes the HTML of Leptos valid. It separates texts by `<!>`, an invalid comment. Scripts need these marks in islands,
//! where they become valid comments, which parse the same. Everywhere else they are removed. Leptos also writes its own
//! script after the end of the document, from where it is moved inside.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Bytes. No page comes near it.
const PAGE_MAX: usize = 16 * 1024 * 1024;

const MARK: &str = "<!>";
const ISLAND: &str = "<leptos-island";
const ISLAND_END: &str = "</leptos-island>";

/// Pages are rendered completely before they are sent, so that buffering them delays nothing.
pub async fn documents(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, PAGE_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    match str::from_utf8(&bytes) {
        Ok(html) => Response::from_parts(parts, Body::from(fixed_up(html))),
        Err(_) => Response::from_parts(parts, Body::from(bytes)),
    }
}

fn fixed_up(html: &str) -> String {
    let (document, behind) = html.rsplit_once("</html>").unwrap_or((html, ""));
    let (document, _) = document.rsplit_once("</body>").unwrap_or((document, ""));
    let mut fixed = String::with_capacity(html.len());
    push_marked(&mut fixed, document);
    push_marked(&mut fixed, behind);
    if html.len() > document.len() {
        fixed.push_str("</body></html>");
    }
    fixed
}

/// Islands may be nested.
fn push_marked(fixed: &mut String, html: &str) {
    let mut depth = 0_usize;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        fixed.push_str(text);
        if let Some(after) = tag.strip_prefix(MARK) {
            fixed.push_str(if depth > 0 { "<!---->" } else { "" });
            rest = after;
            continue;
        }
        if tag.starts_with(ISLAND) {
            depth += 1;
        } else if tag.starts_with(ISLAND_END) {
            depth = depth.saturating_sub(1);
        }
        fixed.push('<');
        rest = &tag[1..];
    }
    fixed.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_comments_in_islands_and_disappear_elsewhere() {
        assert_eq!(
            fixed_up(
                "<p>a<!>b<!></p><leptos-island x><i>c<!></i><leptos-island y>d<!></leptos-island>e<!></leptos-island>f<!>"
            ),
            "<p>ab</p><leptos-island x><i>c<!----></i><leptos-island y>d<!----></leptos-island>e<!----></leptos-island>f"
        );
    }

    #[test]
    fn text_after_the_document_moves_into_it() {
        assert_eq!(
            fixed_up(
                "<html><head><title>A</title><!></head><body>a<!></body><!></html><!><script>1</script>"
            ),
            "<html><head><title>A</title></head><body>a<script>1</script></body></html>"
        );
    }

    #[test]
    fn text_that_looks_like_a_mark_is_escaped_and_stays() {
        assert_eq!(fixed_up("<p>&lt;!&gt;</p>"), "<p>&lt;!&gt;</p>");
    }
}
