//! The data folder, its owner, and the user who therefore runs Postgres in it. Root acts as the owner of existing folders.
//! Their owner never changes, because a service of that user may use them.

use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{AccessFlags, Gid, Group, Uid, User, access, setfsgid, setfsuid};

use super::{Explain as _, Result};

/// The folder for root, if a plain user cannot reach the default folder.
const ROOTS_DATA_DIR: &str = "/var/lib/groupdesk";
pub(super) const CLUSTER: &str = "postgres";
const PRIVATE: u32 = 0o700;

#[derive(Debug)]
pub(super) struct Home {
    pub(super) path: PathBuf,
    pub(super) owner: Owner,
    /// The user who runs Postgres and owns its folders: another one than `owner` if the folder is root's.
    pub(super) postgres: Owner,
}

impl Home {
    pub(super) fn find(data_dir: &Path, is_default: bool) -> Result<Self> {
        let path = std::path::absolute(data_dir).explain("find", data_dir)?;
        if !Uid::effective().is_root() {
            return Self::of_user(path);
        }
        // The default is "var" in the current folder of root, where another user may have planted a folder, or a link to
        // a folder of root's.
        if is_default
            && let Ok(link) = std::fs::symlink_metadata(&path)
            && link.is_symlink()
            && link.uid() != 0
        {
            let (path, owner) = (path.display(), Owner::of(&link).name);
            return Err(format!(
                "{path} is a link that belongs to '{owner}': name the folder with --data-dir if it is meant"
            ));
        }
        let found = std::fs::metadata(&path).if_exists().explain("look at", &path)?;
        // A new folder belongs to the owner of the folder around it.
        let around = || path.ancestors().skip(1).find_map(|folder| std::fs::metadata(folder).ok());
        let model = if found.is_some() || is_default { found.clone() } else { around() };
        let Some(owner) = model.map(|model| Owner::of(&model)).filter(|owner| !owner.uid.is_root()) else {
            return Self::of_root(path, found.as_ref(), is_default);
        };
        if is_default && Owner::usual().ok().as_ref() != Some(&owner) {
            return Err(owner.owns(&path, ": name it with --data-dir if it is meant"));
        }
        if found.is_none() {
            owner.act(|| std::fs::create_dir_all(&path)).explain("create", &path)?;
        }
        let home = Self { path, owner: owner.clone(), postgres: owner };
        home.check_cluster()?;
        home.check_ancestors()?;
        Ok(home)
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join(CLUSTER)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("socket")
    }

    fn of_user(path: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&path).explain("create", &path)?;
        let me = Owner::current();
        if access(&path, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
            let owner = Owner::of_path(&path)?.map(|owner| owner.name).unwrap_or_default();
            let (path, me) = (path.display(), me.name);
            return Err(format!(
                "the data folder {path} belongs to '{owner}', and '{me}' may not write there: run this as that user \
                 (sudo -u {owner} groupdesk …)"
            ));
        }
        let home = Self { path, owner: me.clone(), postgres: me };
        home.check_cluster()?;
        Ok(home)
    }

    /// The folder is root's, or will be.
    fn of_root(path: PathBuf, found: Option<&Metadata>, is_default: bool) -> Result<Self> {
        let (sharer, usual) = (found.and_then(Owner::sharing), Owner::usual());
        let cluster = Owner::of_path(&path.join(CLUSTER))?;
        if let Some(owner) = &cluster {
            let is_expected = [sharer.as_ref(), usual.as_ref().ok()].contains(&Some(owner));
            if owner.uid.is_root() || (!is_expected && found.is_some_and(is_open)) {
                let problem = ", as whom Postgres is not run here: remove it, or name another --data-dir";
                return Err(owner.owns(&path.join(CLUSTER), problem));
            }
        }
        let postgres = cluster.or_else(|| sharer.clone()).map_or(usual, Ok)?;
        // In a folder that root shares with a service, files belong to the service.
        let owner = if sharer.as_ref() == Some(&postgres) { postgres.clone() } else { Owner::current() };
        let home = Self { path, owner, postgres };
        if is_default && home.closed_ancestor().is_some() {
            tracing::info!(folder = ROOTS_DATA_DIR, "the user who runs Postgres cannot reach ./var");
            return Self::find(Path::new(ROOTS_DATA_DIR), false);
        }
        home.check_ancestors()?;
        home.make_passable()?;
        Ok(home)
    }

    /// If the folder belongs to a user, the cluster must too.
    fn check_cluster(&self) -> Result<()> {
        let (cluster, user) = (self.cluster(), &self.postgres.name);
        let owner = Owner::of_path(&cluster)?.filter(|owner| owner.uid != self.postgres.uid);
        let Some(owner) = owner else { return Ok(()) };
        let (name, path) = (&owner.name, cluster.display());
        let problem = format!(
            " and not to '{user}', who runs Postgres here: run this as '{name}', or correct the owner while nothing uses \
             it (chown -R {user} {path})"
        );
        Err(owner.owns(&cluster, &problem))
    }

    fn check_ancestors(&self) -> Result<()> {
        let Some(closed) = self.closed_ancestor() else { return Ok(()) };
        let (user, closed) = (&self.postgres.name, closed.display());
        Err(format!(
            "the user '{user}', who runs Postgres for root here, may not enter {closed}: name another --data-dir"
        ))
    }

    fn closed_ancestor(&self) -> Option<&Path> {
        self.path.ancestors().skip(1).find(|folder| !may_pass(folder, &self.postgres))
    }

    /// Creates the folder and its missing ancestors, and lets the user who runs Postgres pass through them.
    fn make_passable(&self) -> Result<()> {
        let mut folders: Vec<&Path> = self.path.ancestors().take_while(|folder| !folder.exists()).collect();
        if folders.is_empty() {
            folders.push(&self.path);
        }
        std::fs::create_dir_all(&self.path).explain("create", &self.path)?;
        for folder in folders.into_iter().filter(|folder| !may_pass(folder, &self.postgres)) {
            let mode = std::fs::metadata(folder).explain("look at", folder)?.mode() & 0o777;
            let permissions = Permissions::from_mode(mode | 0o011);
            std::fs::set_permissions(folder, permissions).explain("open", folder)?;
        }
        Ok(())
    }

    /// Opens the folder of the data, which may be a link to another disk.
    pub(super) fn cluster_folder(&self) -> Result<File> {
        self.private_folder(&self.cluster(), OFlag::empty())
    }

    pub(super) fn socket_folder(&self) -> Result<File> {
        self.private_folder(&self.socket(), OFlag::O_NOFOLLOW)
    }

    fn private_folder(&self, path: &Path, flags: OFlag) -> Result<File> {
        let folder = match self.owner.act(|| DirBuilder::new().mode(PRIVATE).create(path)) {
            Ok(()) => self.hand_over(path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.open(path, flags)?,
            Err(error) => return Err(error).explain("create", path),
        };
        let metadata = folder.metadata().explain("look at", path)?;
        if metadata.uid() != self.postgres.uid.as_raw() {
            let remedy = "who runs Postgres here: remove it or correct its owner";
            let problem = format!(" and not to '{}', {remedy}", self.postgres.name);
            return Err(Owner::of(&metadata).owns(path, &problem));
        }
        if metadata.mode() & 0o777 != PRIVATE {
            let protect = || folder.set_permissions(Permissions::from_mode(PRIVATE));
            self.postgres.act(protect).explain("protect", path)?;
        }
        Ok(folder)
    }

    fn open(&self, path: &Path, flags: OFlag) -> Result<File> {
        self.postgres.act(|| open_folder(path, flags)).map_err(|error| {
            let found = std::fs::symlink_metadata(path);
            let owner = found.map(|found| Owner::of(&found).name).unwrap_or_default();
            let (path, user) = (path.display(), &self.postgres.name);
            format!("cannot enter {path}, which belongs to '{owner}', as '{user}': {error}")
        })
    }

    /// Gives a folder that root has just created in its own folder to the user who runs Postgres.
    fn hand_over(&self, path: &Path) -> Result<File> {
        if self.owner.uid == self.postgres.uid {
            return self.open(path, OFlag::O_NOFOLLOW);
        }
        let folder = open_folder(path, OFlag::O_NOFOLLOW).explain("open", path)?;
        if folder.metadata().is_ok_and(|found| found.uid() == self.owner.uid.as_raw()) {
            let Owner { uid, gid, .. } = self.postgres;
            fchown(&folder, Some(uid.as_raw()), Some(gid.as_raw())).explain("hand over", path)?;
        }
        Ok(folder)
    }
}

fn open_folder(path: &Path, flags: OFlag) -> io::Result<File> {
    File::options().read(true).custom_flags((OFlag::O_DIRECTORY | flags).bits()).open(path)
}

fn is_open(folder: &Metadata) -> bool {
    folder.mode() & 0o002 != 0 || (folder.mode() & 0o020 != 0 && folder.gid() != 0)
}

/// Whether this user may pass through the folder. A missing folder will be created so that they may.
fn may_pass(folder: &Path, user: &Owner) -> bool {
    std::fs::metadata(folder).map_or(true, |found| {
        let mode = found.mode();
        mode & 0o001 != 0
            || (found.uid() == user.uid.as_raw() && mode & 0o100 != 0)
            || (found.gid() == user.gid.as_raw() && mode & 0o010 != 0)
    })
}

/// The users who may run Postgres in a folder of root, the first first, because Postgres refuses to run as root.
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

    /// The user who shares this folder with root: the one whose own group may write there. Other groups have other members,
    /// and do not count.
    pub(super) fn sharing(folder: &Metadata) -> Option<Self> {
        let group = Group::from_gid(Gid::from_raw(folder.gid())).ok().flatten()?;
        let user = User::from_name(&group.name).ok().flatten()?;
        let is_own = user.gid == group.gid && !user.uid.is_root();
        (is_own && folder.mode() & 0o020 != 0).then(|| user.into())
    }

    fn of_ids(uid: Uid, gid: Gid) -> Self {
        let user = User::from_uid(uid).ok().flatten();
        user.map_or_else(|| Self { uid, gid, name: uid.to_string() }, Self::from)
    }

    /// An error about a file of this user. `problem` continues the sentence.
    pub(super) fn owns(&self, path: &Path, problem: &str) -> String {
        format!("{} belongs to '{}'{problem}", path.display(), self.name)
    }

    /// Does file operations with this user's rights (`setfsuid(2)`), so that new files belong to the user, and a link leads
    /// root only where the user could go.
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

struct OwnRights;

impl Drop for OwnRights {
    fn drop(&mut self) {
        setfsuid(Uid::effective());
        setfsgid(Gid::effective());
    }
}
