//! A form that was sent to a server function: the address of its page, and the text that is restored after a refusal.

use std::collections::BTreeMap;

use crate::ui::viewer::{BACK, FORM_AT, FORM_KEY};

/// Empty for a request that is not a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SubmittedForm {
    form_at: String,
    back: String,
    typed: BTreeMap<String, String>,
}

impl SubmittedForm {
    /// `path`: of the server function; `body`: as browsers encode forms.
    pub(super) fn parse(path: &str, body: &[u8]) -> Self {
        let function = path.rsplit('/').next().unwrap_or_default();
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            // Each value of a list has a name such as `scopes[0]` or `scopes[]`.
            let name = name.split('[').next().unwrap_or_default();
            match name {
                FORM_AT => form.form_at = value.into_owned(),
                BACK => form.back = value.into_owned(),
                name if is_restored(function, name) => form.add(name, &value),
                _ => {}
            }
        }
        form
    }

    /// The values of a list are restored as lines.
    fn add(&mut self, name: &str, value: &str) {
        if let Some(text) = self.typed.get_mut(name) {
            text.push('\n');
            text.push_str(value);
        } else {
            self.typed.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The address that a refused form leads back to. Empty if the form has none.
    pub(super) fn form_at(&self) -> &str {
        if self.form_at.is_empty() { &self.back } else { &self.form_at }
    }

    pub(super) fn typed(&self) -> BTreeMap<String, String> {
        self.typed.clone()
    }
}

/// Secrets are never restored, nor are hidden values, which the page fills in again.
fn is_restored(function: &str, field: &str) -> bool {
    match field {
        "password" | "old" | "new" | "secret" | FORM_KEY | FORM_AT | BACK | "next" | "cookies"
        | "username" | "group" | "workspace" | "enrollment" | "enrollments" | "import" | "operator"
        | "session" | "token" | "count" | "at" | "request" | "confirmed" => false,
        "person" => !matches!(function, "attribution-correct" | "person-update" | "person-delete"),
        "role" => function != "operator-set-role",
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn typed(path: &str, body: &str) -> Vec<(String, String)> {
        SubmittedForm::parse(path, body.as_bytes()).typed.into_iter().collect()
    }

    #[test]
    fn text_is_restored_and_hidden_values_are_not() {
        let body = "form_key=k&form_at=%2Fa&group=g&name=A+b&picked%5B%5D=x&picked%5B%5D=y";
        let form = SubmittedForm::parse("/api/fn/group-create", body.as_bytes());
        assert_eq!(form.form_at(), "/a");
        let expected = [("name", "A b"), ("picked", "x\ny")].map(|(name, text)| (name.into(), text.into()));
        assert_eq!(form.typed, expected.into());
        assert_eq!(typed("/api/fn/operator-set-role", "role=admin"), []);
        assert_eq!(typed("/api/fn/operator-invite", "role=admin").len(), 1);
        assert_eq!(SubmittedForm::parse("/", b"back=%2Fb").form_at(), "/b");
    }

    /// All `.rs` files of the pages.
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn no_password_is_restored() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui"), &mut files);
        let mut passwords = 0;
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            let html = text.match_indices(concat!("type=", "\"password\""));
            for (at, _) in html.chain(text.match_indices(concat!("kind=", "\"password\""))) {
                let tag = &text[text[..at].rfind('<').unwrap()..];
                let tag = tag.split("/>").next().unwrap();
                let name = tag.split("name=\"").nth(1).expect("a literal name").split('"').next().unwrap();
                assert!(!is_restored("", name), "{} restores {name}", path.display());
                passwords += 1;
            }
        }
        assert!(passwords >= 4, "{passwords} password fields are found");
    }
}
