//! The whole error document of each refusal, which clients are programmed against.

use std::fmt::Write;

use groupdesk::api::error::error_objects;
use groupdesk::jsonapi::error::error_document;

use crate::support::problems::{problems, variant};

#[test]
fn error_documents_are_pinned() {
    let mut text = String::new();
    for problem in problems() {
        let document = error_document(&error_objects(&problem), "TRACE");
        writeln!(text, "{}\n{document:#}\n", variant(&problem)).unwrap();
    }
    insta::assert_snapshot!("error_documents", text);
}
