//! Local ids: names that a document gives to resources that it creates, so that its later parts can refer to them
//! (JSON:API section "Identification").

use std::collections::BTreeMap;

use uuid::Uuid;

/// The local ids of a document, by type and name, and the ids of the resources that were created for them.
#[derive(Debug, Default)]
pub struct Lids(BTreeMap<(String, String), Uuid>);

/// For a document that creates at most one resource and therefore has nothing to refer to.
pub static NONE: Lids = Lids(BTreeMap::new());

impl Lids {
    /// Returns `false` if the type already had this local id.
    pub fn bind(&mut self, type_name: &str, lid: &str, id: Uuid) -> bool {
        self.0.insert((type_name.to_owned(), lid.to_owned()), id).is_none()
    }

    pub fn resolve(&self, type_name: &str, lid: &str) -> Option<Uuid> {
        self.0.get(&(type_name.to_owned(), lid.to_owned())).copied()
    }
}
