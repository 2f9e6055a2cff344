//! Finds the columns of a table that hold workspace ids, by the names of the columns.

use crate::kernel::text::cleaned;

/// The names of id columns in their plain form, the best name first.
const NAMES: [&str; 5] = ["workspaceid", "externalworkspaceid", "id", "workspace", "externalid"];

/// The number of `NAMES` that have no other meaning, so that they are names even where a list of ids is expected.
const UNAMBIGUOUS: usize = 2;

/// The positions of the id columns, the best first: a line without a value in the first is read by the next. Empty if the
/// values are not names of columns.
pub(super) fn id_columns<T: AsRef<str>>(names: &[T]) -> Vec<usize> {
    let names: Vec<String> = names.iter().map(|name| plain(name.as_ref())).collect();
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    // In the result of an import, the text names a workspace that was not found.
    let text = find("outcome").and_then(|_| find("text"));
    NAMES.into_iter().filter_map(find).chain(text).collect()
}

/// Whether one of these can only be the name of a column, and not an id.
pub(super) fn are_unambiguous<T: AsRef<str>>(names: &[T]) -> bool {
    names.iter().any(|name| NAMES[..UNAMBIGUOUS].contains(&plain(name.as_ref()).as_str()))
}

/// The lower-case letters and digits of the name.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|char| char.is_alphanumeric()).collect()
}

/// The name as it is stored and shown, on one line.
pub(super) fn shown(name: &str) -> String {
    let name = cleaned(name);
    let words = name.split(|char: char| char.is_whitespace() || char.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::imports::model::RESULT_COLUMNS;

    #[test]
    fn column_names_match_in_any_spelling() {
        for name in [
            "workspace_id",
            "Workspace ID",
            "workspace-id",
            "WorkspaceId",
            "External id",
            " ID ",
            "workspace",
            "Workspace\u{a0}ID",
            "\u{feff}workspace_id",
            "workspace\u{200b}_id",
            "Workspace\nID",
            "\u{3000}ID:",
            "(id)",
            "\"id\"",
        ] {
            assert_eq!(id_columns(&["name", name]), [1], "{name}");
        }
        for name in
            ["", "text", "outcome", "group_id", "workspace_name", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"]
        {
            assert!(id_columns(&["name", name]).is_empty(), "{name}");
        }
    }

    #[test]
    fn column_name_is_shown_on_one_line() {
        assert_eq!(shown("\u{feff} Workspace\u{a0}\r\nID\u{200b}\t"), "Workspace ID");
        assert_eq!(shown("workspace\0id"), "workspace id");
    }

    #[test]
    fn best_column_comes_first() {
        assert_eq!(id_columns(&["external_id", "id", "external_workspace_id", "workspace_id"]), [3, 2, 1, 0]);
    }

    #[test]
    fn result_of_an_import_is_read_by_id_then_by_text() {
        let names =
            |indices: Vec<usize>| indices.into_iter().map(|index| RESULT_COLUMNS[index]).collect::<Vec<_>>();
        assert_eq!(names(id_columns(&RESULT_COLUMNS)), ["workspace_id", "text"]);
    }

    #[test]
    fn names_that_could_be_ids_are_ambiguous() {
        assert!(are_unambiguous(&["name", "External workspace ID"]));
        assert!(!are_unambiguous(&["id", "workspace", "external_id", "text", "outcome"]));
    }
}
