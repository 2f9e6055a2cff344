//! Which columns of a table hold the ids of workspaces, by the names of the columns.

use crate::kernel::text::cleaned;

/// What a column of ids is called, the best name first.
const NAMES: [&str; 5] = ["workspaceid", "externalworkspaceid", "id", "workspace", "externalid"];

/// As many of these mean nothing else, so that they are names even where a list of ids is expected.
const UNMISTAKABLE: usize = 2;

/// The result of an import: where no workspace was found, the text of the list is what names it.
const RESULT_TEXT: &str = "text";
const RESULT_MARK: &str = "outcome";

/// The positions of the columns that hold ids, the best first: a line that has nothing in the first of them is
/// read in the next. Empty where these are not names of columns.
pub(super) fn ids<T: AsRef<str>>(names: &[T]) -> Vec<usize> {
    let names: Vec<String> = names.iter().map(|name| plain(name.as_ref())).collect();
    let find = |wanted: &str| names.iter().position(|name| name == wanted);
    let text = find(RESULT_MARK).and_then(|_| find(RESULT_TEXT));
    NAMES.into_iter().filter_map(find).chain(text).collect()
}

/// Is it certain that these are names of columns, and not ids?
pub(super) fn are_unmistakable<T: AsRef<str>>(names: &[T]) -> bool {
    names.iter().any(|name| NAMES[..UNMISTAKABLE].contains(&plain(name.as_ref()).as_str()))
}

/// Without case, and without what stands between words or around them, whether it can be seen or not.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect()
}

/// The name as it is kept and shown: on one line.
pub(super) fn shown(name: &str) -> String {
    let name = cleaned(name);
    let words = name.split(|sign: char| sign.is_whitespace() || sign.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::imports::model::RESULT_COLUMNS;

    #[test]
    fn a_column_is_known_by_its_name_however_it_is_written() {
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
            assert_eq!(ids(&["name", name]), [1], "{name}");
        }
        for name in
            ["", "text", "outcome", "group_id", "workspace_name", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"]
        {
            assert!(ids(&["name", name]).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_name_is_shown_on_one_line() {
        assert_eq!(shown("\u{feff} Workspace\u{a0}\r\nID\u{200b}\t"), "Workspace ID");
        assert_eq!(shown("workspace\0id"), "workspace id");
    }

    #[test]
    fn the_best_column_is_read_first() {
        assert_eq!(ids(&["external_id", "id", "external_workspace_id", "workspace_id"]), [3, 2, 1, 0]);
    }

    #[test]
    fn in_a_result_the_text_names_what_was_not_found() {
        let names =
            |indices: Vec<usize>| indices.into_iter().map(|index| RESULT_COLUMNS[index]).collect::<Vec<_>>();
        assert_eq!(names(ids(&RESULT_COLUMNS)), ["workspace_id", "text"]);
    }

    #[test]
    fn a_word_that_may_be_an_id_is_not_certain_to_be_a_name() {
        assert!(are_unmistakable(&["name", "External workspace ID"]));
        assert!(!are_unmistakable(&["id", "workspace", "external_id", "text", "outcome"]));
    }
}
