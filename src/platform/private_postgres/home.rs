//! The data folder: its path, its owner, and the user who therefore runs Postgres in it.
//!
//! Root acts as the owner of existing folders. Their owner never changes, because a service of that user may use them.

use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{AccessFlags, Gid, Uid, access};

use super::error::{Explain as _, Result};
use super::owner::Owner;
use crate::platform::config::PrivateSettings;

/// The folder for root, if a plain user cannot reach the default folder.
const ROOTS_DATA_DIR: &str = "/var/lib/groupdesk";
pub(super) const CLUSTER: &str = "postgres";
const PRIVATE: u32 = 0o700;

#[derive(Debug)]
pub(super) struct Home {
    pub(super) path: PathBuf,
    /// The owner of the files in the folder itself.
    pub(super) owner: Owner,
    /// The user who runs Postgres and owns its folders. Another user than `owner` if the folder is root's.
    pub(super) postgres: Owner,
}

impl Home {
    pub(super) fn find(settings: &PrivateSettings) -> Result<Self> {
        let path = std::path::absolute(&settings.data_dir).explain("find", &settings.data_dir)?;
        if !Uid::effective().is_root() {
            return Self::of_user(path);
        }
        let is_default = settings.data_dir_is_default;
        if is_default {
            check_link(&path)?;
        }
        match std::fs::metadata(&path).if_exists().explain("look at", &path)? {
            Some(found) if found.uid() != 0 => Self::of_its_owner(path, &found, is_default),
            None if !is_default => Self::new_for_root(path),
            found => Self::of_root(path, found.as_ref(), is_default),
        }
    }

    /// A new folder belongs to the owner of the folder around it.
    fn new_for_root(path: PathBuf) -> Result<Self> {
        let parent = path.ancestors().skip(1).find_map(|folder| std::fs::metadata(folder).ok());
        match parent.filter(|parent| parent.uid() != 0) {
            Some(parent) => {
                Owner::of(&parent).act(|| std::fs::create_dir_all(&path)).explain("create", &path)?;
                Self::of_its_owner(path, &parent, false)
            }
            None => Self::of_root(path, None, false),
        }
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
            let owner = Owner::of_path(&path)?.map_or_else(String::new, |owner| owner.name);
            return Err(format!(
                "the data folder {} belongs to '{owner}', and '{}' may not write there: run this as that user \
                 (sudo -u {owner} groupdesk …)",
                path.display(),
                me.name
            ));
        }
        let home = Self { path, owner: me.clone(), postgres: me };
        home.check_cluster()?;
        Ok(home)
    }

    /// Root acts as the owner of the folder.
    fn of_its_owner(path: PathBuf, found: &Metadata, is_default: bool) -> Result<Self> {
        let owner = Owner::of(found);
        // The default is "var" in the current folder of root, where another user may have planted one.
        if is_default && Owner::usual().ok().as_ref() != Some(&owner) {
            return Err(owner.owns(&path, ": name it with --data-dir if it is meant"));
        }
        let home = Self { path, owner: owner.clone(), postgres: owner };
        home.check_cluster()?;
        home.check_ancestors()?;
        Ok(home)
    }

    /// The folder is root's, or will be.
    fn of_root(path: PathBuf, found: Option<&Metadata>, is_default: bool) -> Result<Self> {
        let sharer = found.and_then(shared_with);
        let cluster = Owner::of_path(&path.join(CLUSTER))?;
        if let Some(owner) = &cluster {
            let is_expected = sharer.as_ref() == Some(owner) || Owner::usual().ok().as_ref() == Some(owner);
            if owner.is_root() || (!is_expected && found.is_some_and(is_open)) {
                let problem = ", as whom Postgres is not run here: remove it, or name another --data-dir";
                return Err(owner.owns(&path.join(CLUSTER), problem));
            }
        }
        let postgres = match cluster.or_else(|| sharer.clone()) {
            Some(owner) => owner,
            None => Owner::usual()?,
        };
        // In a folder that root shares with a service, files belong to the service.
        let owner = if sharer.as_ref() == Some(&postgres) { postgres.clone() } else { Owner::current() };
        let home = Self { path, owner, postgres };
        if home.closed_ancestor().is_some() && is_default {
            tracing::info!(folder = ROOTS_DATA_DIR, "the user who runs Postgres cannot reach ./var");
            return Self::find(&PrivateSettings {
                data_dir: ROOTS_DATA_DIR.into(),
                data_dir_is_default: false,
                postgres_bin: None,
            });
        }
        home.check_ancestors()?;
        home.make_passable()?;
        Ok(home)
    }

    /// If the folder belongs to a user, the cluster must too.
    fn check_cluster(&self) -> Result<()> {
        let (cluster, user) = (self.cluster(), &self.postgres.name);
        match Owner::of_path(&cluster)? {
            Some(owner) if owner.uid != self.postgres.uid => {
                let problem = format!(
                    " and not to '{user}', who runs Postgres here: run this as '{}', or correct the owner while \
                     nothing uses it (chown -R {user} {})",
                    owner.name,
                    cluster.display()
                );
                Err(owner.owns(&cluster, &problem))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_ancestors(&self) -> Result<()> {
        match self.closed_ancestor() {
            Some(closed) => Err(format!(
                "the user '{}', who runs Postgres for root here, may not enter {}: name another --data-dir",
                self.postgres.name,
                closed.display()
            )),
            None => Ok(()),
        }
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
        for folder in folders {
            if !may_pass(folder, &self.postgres) {
                let mode = std::fs::metadata(folder).explain("look at", folder)?.mode() & 0o777;
                std::fs::set_permissions(folder, Permissions::from_mode(mode | 0o011))
                    .explain("open", folder)?;
            }
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

    /// Opens or creates a folder that only the user who runs Postgres may enter.
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
            let owner = std::fs::symlink_metadata(path).ok().map(|found| Owner::of(&found).name);
            format!(
                "cannot enter {}, which belongs to '{}', as '{}': {error}",
                path.display(),
                owner.unwrap_or_default(),
                self.postgres.name
            )
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

/// The default folder is "var" in the current folder of root, where another user may have planted a link to a folder of
/// root's.
fn check_link(path: &Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(link) if link.is_symlink() && link.uid() != 0 => Err(format!(
            "{} is a link that belongs to '{}': name the folder with --data-dir if it is meant",
            path.display(),
            Owner::of(&link).name
        )),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The user with whom root shares this folder: the one whose own group may write there.
fn shared_with(folder: &Metadata) -> Option<Owner> {
    if folder.mode() & 0o020 == 0 { None } else { Owner::of_own_group(Gid::from_raw(folder.gid())) }
}

/// Whether others than root may create files in this folder of root.
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
