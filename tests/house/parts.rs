//! The parts of the source, and what each may import: the table in `docs/architecture.md`.

/// A part of the source.
pub struct Part {
    pub name: &'static str,
    /// Whether the file with this path, from the root of the repository, is in the part.
    pub contains: fn(&str) -> bool,
    /// What of ours it may import. `*` stands for any one name, `{own}` for the resource of the file.
    pub may: &'static [&'static str],
    /// Words that its code never contains.
    pub never: &'static [&'static str],
}

/// The folders of `src/ui` that are not about one resource.
const UI_SHARED: [&str; 4] = ["components", "islands", "locale", "server"];

fn is_in_file_or_folder(path: &str, name: &str) -> bool {
    path.ends_with(&format!("/{name}.rs")) || path.contains(&format!("/{name}/"))
}

/// A layer of a resource is a file, or a folder with its name.
fn is_layer(path: &str, layer: &str) -> bool {
    let is_resource = path.starts_with("src/resources/") && !path.starts_with("src/resources/flows/");
    is_resource && !path.contains("/api/") && is_in_file_or_folder(path, layer)
}

fn is_resource_root(path: &str) -> bool {
    path == "src/resources/mod.rs"
        || path.starts_with("src/resources/")
            && !path.starts_with("src/resources/flows/")
            && path.ends_with("/mod.rs")
            && path.matches('/').count() == 3
}

/// The folder of `src/ui` for one resource or subject that the file is in.
pub fn ui_subject(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_prefix("src/ui/")?.split_once('/')?;
    (!UI_SHARED.contains(&folder)).then_some(folder)
}

fn is_ui_layer(path: &str, layers: &[&str]) -> bool {
    ui_subject(path).is_some() && layers.iter().any(|layer| is_in_file_or_folder(path, layer))
}

/// Each file of `src` is in exactly one.
pub const PARTS: &[Part] = &[
    Part {
        name: "kernel",
        contains: |path| path.starts_with("src/kernel/"),
        may: &["kernel"],
        never: &["sqlx", "axum", "leptos", "tokio", "Utc::now"],
    },
    Part {
        name: "model and rules",
        contains: |path| is_layer(path, "model") || is_layer(path, "rules"),
        may: &["kernel", "resources::*::model", "resources::*::rules"],
        never: &["sqlx", "axum", "leptos", "clock::", "Utc::now"],
    },
    Part {
        name: "store",
        contains: |path| is_layer(path, "store"),
        may: &[
            "kernel",
            "resources::*::model",
            "resources::{own}::store",
            "resources::rows",
            "platform::db",
            "platform::failure",
            // The actor of an event, and a secret that is stored as its hash: both are data here.
            "platform::call",
            "platform::secret",
        ],
        never: &["axum", "jsonapi", "leptos", "Utc::now", "commit()"],
    },
    Part {
        name: "ops",
        contains: |path| is_layer(path, "ops"),
        may: &[
            "kernel",
            "resources::*::model",
            "resources::*::ops",
            "resources::{own}::store",
            "resources::{own}::rules",
            "platform::call",
            "platform::db::Connection",
            "platform::failure",
            "platform::secret",
        ],
        never: &["axum", "jsonapi", "leptos", "ui::", "Utc::now", "commit()", "sqlx::query"],
    },
    Part {
        name: "flows",
        contains: |path| path.starts_with("src/resources/flows/"),
        may: &[
            "kernel",
            "resources::*::model",
            "resources::*::ops",
            "resources::*::rules",
            "resources::flows",
            "platform::call",
            "platform::db::Connection",
            "platform::failure",
            "platform::secret",
        ],
        never: &["axum", "jsonapi", "leptos", "ui::", "Utc::now", "commit()", "sqlx::query"],
    },
    Part {
        name: "worker",
        contains: |path| path == "src/resources/imports/worker.rs",
        may: &["kernel", "platform", "resources::*::model", "resources::*::ops", "resources::flows"],
        never: &["axum", "jsonapi", "leptos", "sqlx::query"],
    },
    Part { name: "resources", contains: is_resource_root, may: &[], never: &[] },
    Part {
        name: "rows",
        contains: |path| path == "src/resources/rows.rs" || path.starts_with("src/resources/rows/"),
        may: &["kernel", "resources::*::model", "platform::db", "platform::failure"],
        never: &["axum", "jsonapi", "leptos"],
    },
    Part {
        name: "session store",
        contains: |path| path == "src/resources/operator_sessions/session_store.rs",
        may: &["kernel", "platform::db", "platform::failure", "platform::secret", "platform::session"],
        never: &["axum", "jsonapi", "leptos", "Utc::now", "commit()"],
    },
    Part {
        name: "jsonapi",
        contains: |path| path.starts_with("src/jsonapi/"),
        may: &["kernel", "jsonapi"],
        never: &["resources::", "sqlx", "axum", "leptos"],
    },
    Part {
        name: "api",
        contains: |path| path.starts_with("src/api/"),
        may: &["kernel", "jsonapi", "api", "platform"],
        never: &["resources::", "ui::", "leptos"],
    },
    Part {
        name: "the API of a resource",
        contains: |path| path.starts_with("src/resources/") && path.contains("/api/"),
        may: &[
            "kernel",
            "api",
            "jsonapi",
            // The permission of a handler, and the result of its operation.
            "platform::call",
            "platform::failure",
            "resources::*::api",
            "resources::*::model",
            "resources::*::ops",
            "resources::flows",
        ],
        never: &["::store::", "sqlx", "leptos"],
    },
    Part {
        name: "registry",
        contains: |path| path.starts_with("src/registry/"),
        may: &[
            "kernel",
            "api",
            "jsonapi",
            "platform",
            "registry",
            "resources::*::api",
            "resources::*::model",
            "resources::*::ops",
        ],
        never: &["::store::", "sqlx::query", "leptos", "ui::"],
    },
    Part {
        name: "export",
        contains: |path| path.starts_with("src/export/"),
        may: &[
            "kernel",
            "export",
            "resources::*::model",
            "resources::*::ops",
            "platform::csv",
            "platform::failure",
            "platform::db::replicas::Reads",
        ],
        never: &["::store::", "sqlx::query", "axum", "jsonapi", "leptos", "Utc::now"],
    },
    Part {
        name: "components",
        contains: |path| path.starts_with("src/ui/components/"),
        may: &[
            "kernel",
            "ui::components",
            "ui::islands",
            "ui::locale",
            "ui::error",
            "ui::flash",
            "ui::messages",
            "ui::pagination",
            "ui::paths",
            "ui::viewer",
            "resources::*::model",
            "resources::*::rules",
        ],
        never: &["::ops::", "::store::", "platform::", "ui::server", "sqlx", "axum"],
    },
    Part {
        name: "islands",
        contains: |path| path.starts_with("src/ui/islands/"),
        may: &["kernel", "ui::islands", "ui::locale::distance", "ui::paths"],
        never: &["::ops::", "::store::", "platform::", "sqlx", "axum"],
    },
    Part {
        name: "locale",
        contains: |path| path.starts_with("src/ui/locale/"),
        may: &["kernel", "ui::locale", "ui::viewer", "ui::messages", "platform"],
        never: &["::store::", "::ops::", "sqlx", "leptos_axum"],
    },
    Part {
        name: "what pages stand on",
        contains: |path| path.starts_with("src/ui/server/"),
        may: &[
            "kernel",
            "platform",
            "ui",
            "export",
            "resources::operator_sessions::session_store",
            "resources::*::model",
            "resources::*::rules",
            "resources::*::ops",
        ],
        never: &["::store::", "sqlx::query", "jsonapi"],
    },
    Part {
        name: "pages and components of a subject",
        contains: |path| is_ui_layer(path, &["pages", "components"]),
        may: &["kernel", "ui", "resources::*::model", "resources::*::rules"],
        never: &["::ops::", "::store::", "platform::", "ui::server", "sqlx", "axum"],
    },
    Part {
        name: "actions, queries and views of a subject",
        contains: |path| is_ui_layer(path, &["actions", "queries", "view"]),
        may: &[
            "kernel",
            "ui",
            "export",
            "resources::*::model",
            "resources::*::rules",
            "resources::*::ops",
            "resources::flows",
            "platform::failure",
            "platform::call",
            "platform::db::Connection",
            // The page of an enrollment shows the document of the API. The API writes it, so the two cannot differ.
            "resources::enrollments::api::enrollment_document",
        ],
        never: &["::store::", "sqlx", "jsonapi"],
    },
    Part {
        name: "HTTP handlers of a subject",
        contains: |path| is_ui_layer(path, &["http"]),
        may: &[
            "kernel",
            "ui",
            "export",
            "platform",
            "resources::*::model",
            "resources::*::rules",
            "resources::*::ops",
        ],
        never: &["::store::", "sqlx::query", "jsonapi"],
    },
    Part {
        name: "lists of the files of a subject",
        contains: |path| {
            ui_subject(path).is_some() && path.ends_with("/mod.rs") && path.matches('/').count() == 3
        },
        may: &[],
        never: &[],
    },
    Part {
        name: "root of the pages",
        contains: |path| path.starts_with("src/ui/") && path.matches('/').count() == 2,
        may: &["kernel", "ui", "resources::*::model", "resources::*::rules", "platform::failure"],
        never: &["::store::", "::ops::", "sqlx", "axum::"],
    },
    Part {
        name: "platform",
        contains: |path| path.starts_with("src/platform/"),
        may: &["kernel", "platform"],
        never: &["resources::", "jsonapi::"],
    },
    Part {
        name: "command line",
        contains: |path| path.starts_with("src/cli/"),
        may: &[
            "kernel",
            "platform",
            "export",
            "cli",
            "server",
            "registry::openapi",
            "resources::*::model",
            "resources::*::rules",
            "resources::*::ops",
            "resources::flows",
            "resources::imports::worker",
            // The same sentences as on the pages, and links to them.
            "ui::locale",
            "ui::messages",
            "ui::paths",
        ],
        never: &["::store::", "axum", "jsonapi", "leptos"],
    },
    Part {
        name: "top",
        contains: |path| {
            ["src/lib.rs", "src/main.rs", "src/browser.rs", "src/routes.rs", "src/server.rs"].contains(&path)
        },
        may: &["*"],
        never: &[],
    },
];
