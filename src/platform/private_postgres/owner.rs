//! The owner of a folder, and file operations with exactly that user's rights.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User, setfsgid, setfsuid};

use super::error::{Explain as _, Result};

/// The users who may run Postgres for root in a folder of root, because Postgres refuses to run as root.
const USUAL: [&str; 2] = ["postgres", "nobody"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: Uid,
    pub(super) gid: Gid,
    /// The user id if the user has no name, as in containers.
    pub(super) name: String,
}

impl From<User> for Owner {
    fn from(User { uid, gid, name, .. }: User) -> Self {
        Self { uid, gid, name }
    }
}

impl Owner {
    pub(super) fn current() -> Self {
        Self::of_ids(Uid::effective(), Gid::effective())
    }

    /// The first of the usual users that this machine has.
    pub(super) fn usual() -> Result<Self> {
        let user = USUAL.into_iter().find_map(|name| User::from_name(name).ok().flatten());
        let missing = "Postgres does not run as root, and there is no user 'postgres' or 'nobody' to run it";
        Ok(user.ok_or(missing)?.into())
    }

    pub(super) fn of(metadata: &Metadata) -> Self {
        Self::of_ids(Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()))
    }

    /// The owner of the file or folder behind this path, also behind a link. `None` if it does not exist.
    pub(super) fn of_path(path: &Path) -> Result<Option<Self>> {
        let metadata = std::fs::metadata(path).if_exists().explain("look at", path)?;
        Ok(metadata.map(|metadata| Self::of(&metadata)))
    }

    /// The user whose own group this is, which has the user's name. Other groups have members whom the folder does not
    /// concern.
    pub(super) fn of_own_group(gid: Gid) -> Option<Self> {
        let group = Group::from_gid(gid).ok().flatten()?;
        let user = User::from_name(&group.name).ok().flatten()?;
        (user.gid == gid && !user.uid.is_root()).then(|| user.into())
    }

    fn of_ids(uid: Uid, gid: Gid) -> Self {
        let user = User::from_uid(uid).ok().flatten();
        user.map_or_else(|| Self { uid, gid, name: uid.to_string() }, Self::from)
    }

    /// An error about a file of this user. `problem` continues the sentence.
    pub(super) fn owns(&self, path: &Path, problem: &str) -> String {
        format!("{} belongs to '{}'{problem}", path.display(), self.name)
    }

    /// Does file operations with this user's rights (`setfsuid(2)`). New files belong to that user, and a link leads root
    /// only where the user could go.
    pub(super) fn act<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if !Uid::effective().is_root() || self.uid.is_root() {
            return work();
        }
        let _restored = OwnRights;
        setfsgid(self.gid);
        setfsuid(self.uid);
        // Neither call reports a failure. With an impossible id the call changes nothing and returns the current id.
        if setfsuid(Uid::from_raw(u32::MAX)) != self.uid {
            let error = format!("this process may not act as the user '{}'", self.name);
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, error));
        }
        work()
    }
}

/// Gives this thread its own rights back, also after a panic.
struct OwnRights;

impl Drop for OwnRights {
    fn drop(&mut self) {
        setfsuid(Uid::effective());
        setfsgid(Gid::effective());
    }
}
