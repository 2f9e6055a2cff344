//! The source of the files.

use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{DynRustEmbed, EmbeddedFile, utils};
use sha2::{Digest, Sha256};

/// The files for browsers, by names such as `pkg/groupdesk.css` and `favicon.svg`.
pub enum Site {
    /// Files inside the program never change while it runs, so they have a version.
    Program { files: Box<dyn DynRustEmbed + Send + Sync>, version: String },
    /// A folder that a build may be writing to.
    Folder(PathBuf),
}

impl Site {
    pub fn embedded(files: impl DynRustEmbed + Send + Sync + 'static) -> Self {
        Self::Program { version: version(&files), files: Box::new(files) }
    }

    pub const fn folder(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }

    /// Changes with every file, so browsers can cache versioned files, and no page mixes two versions. `None`: no
    /// version.
    pub(super) fn version(&self) -> Option<&str> {
        match self {
            Self::Program { version, .. } => Some(version),
            Self::Folder(_) => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<EmbeddedFile> {
        match self {
            Self::Program { files, .. } => files.get(name),
            Self::Folder(folder) => utils::read_file_from_fs(&inside(folder, name)?).ok(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::Program { files, .. } => files.get(name).is_some(),
            Self::Folder(folder) => inside(folder, name).is_some_and(|path| path.is_file()),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Program { files, .. } => files.names().into_iter().map(String::from).collect(),
            Self::Folder(folder) => {
                let all = utils::PathMatcher::new(&[], &[]);
                utils::get_files(folder.display().to_string(), all).map(|file| file.rel_path).collect()
            }
        }
    }
}

/// The path of a file, unless its name leads out of the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(name))
}

fn version(files: &dyn DynRustEmbed) -> String {
    let mut names: Vec<_> = files.names().into_iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut digest = Sha256::new();
    for file in names.iter().filter_map(|name| files.get(name)) {
        digest.update(file.metadata.sha256_hash());
    }
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..9])
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fs;

    use super::*;

    /// The files of a folder, as if a program contained them.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("pkg")).unwrap();
            for (name, text) in files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }
    }

    impl DynRustEmbed for Folder {
        fn get(&self, name: &str) -> Option<EmbeddedFile> {
            utils::read_file_from_fs(&self.0.path().join(name)).ok()
        }

        fn names(&self) -> Vec<Cow<'static, str>> {
            Site::folder(self.0.path().to_owned()).names().into_iter().map(Cow::Owned).collect()
        }
    }

    #[test]
    fn version_depends_on_exactly_the_files_of_the_package() {
        let version = |files| version(&Folder::with(files));
        let before = version(&[("pkg/a.css", "1"), ("pkg/b.js", "2"), ("favicon.svg", "3")]);
        assert_eq!(version(&[("pkg/b.js", "2"), ("favicon.svg", "4"), ("pkg/a.css", "1")]), before);
        assert_ne!(version(&[("pkg/a.css", "1"), ("pkg/b.js", "x")]), before);
        assert_ne!(version(&[("pkg/a.css", "x"), ("pkg/b.js", "2")]), before);
    }

    #[test]
    fn name_that_leads_out_of_the_folder_is_refused() {
        let folder = Path::new("/site");
        assert_eq!(inside(folder, "pkg/groupdesk.css"), Some(PathBuf::from("/site/pkg/groupdesk.css")));
        for name in ["../secret", "pkg/../../secret", "/etc/passwd", "./pkg/../../x"] {
            assert_eq!(inside(folder, name), None, "{name}");
        }
    }
}
