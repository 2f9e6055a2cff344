//! The paths that both the API and the pages link to.

pub const API_DOCS: &str = "/docs";

/// The names and paths of the pages that every operator sees in the navigation.
pub const MAIN_PAGES: [(&str, &str); 5] = [
    ("Overview", "/"),
    ("Groups", "/groups"),
    ("Workspaces", "/workspaces"),
    ("People", "/people"),
    ("Audit", "/audit"),
];
