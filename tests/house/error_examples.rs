//! The examples of API errors in the OpenAPI document, held against the sentences that the source produces.

use serde_json::{Map, Value};

use super::sources::{code, files};

const FOLDERS: [&str; 5] = ["src/api", "src/jsonapi", "src/platform/http", "src/registry", "src/resources"];

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(". ").map(|sentence| sentence.trim_end_matches('.'))
}

/// Whether a format string can become this text.
fn produces(format: &str, text: &str) -> bool {
    let Some((start, rest)) = format.split_once('{') else { return format == text };
    let (Some(text), Some((_, rest))) = (text.strip_prefix(start), rest.split_once('}')) else {
        return false;
    };
    rest.is_empty() || text.char_indices().any(|(at, _)| produces(rest, &text[at..]))
}

/// A format string of nothing but values can become any text.
fn has_words(format: &str) -> bool {
    format.split('{').map(|part| part.rsplit('}').next().unwrap().trim().len()).sum::<usize>() > 8
}

#[test]
fn error_examples_are_sentences_of_the_source() {
    let sources: String =
        FOLDERS.iter().flat_map(|folder| files(folder, ".rs")).map(|(_, text)| code(&text)).collect();
    // A backslash at the end of a line continues a string literal without the indentation.
    let joined: String = sources.replace("\\\"", "\0").split("\\\n").map(str::trim_start).collect();
    let formats: Vec<String> = joined
        .split('"')
        .flat_map(sentences)
        .filter(|format| has_words(format))
        .map(|format| format.replace('\0', "\""))
        .collect();
    let is_produced = |text: &str| formats.iter().any(|format| produces(format, text));

    let examples = include_str!("../../src/registry/openapi/error_examples.json");
    for (code, example) in serde_json::from_str::<Map<String, Value>>(examples).unwrap() {
        for sentence in sentences(example["detail"].as_str().unwrap()) {
            // The name of a member comes before what is wrong with it.
            let fault = sentence.split_once(' ').map_or("", |(_, fault)| fault);
            assert!(
                is_produced(sentence) || is_produced(fault),
                "{code}: nothing in the source says {sentence:?}"
            );
        }
    }
}
