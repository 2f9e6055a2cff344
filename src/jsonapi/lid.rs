//! Local ids: names that a document gives to resources that it creates, so that its later parts can refer to them
//! (JSON:API section "Identification").

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use uuid::Uuid;

/// The local ids of a document, by type and name, and the ids of the resources that were created for them.
#[derive(Debug, Default)]
pub struct Lids(BTreeMap<(String, String), Uuid>);

/// For a document that creates at most one resource and therefore has nothing to refer to.
pub static NONE: Lids = Lids(BTreeMap::new());

impl Lids {
    /// Returns `false`, and changes nothing, if the type has this local id already.
    pub fn bind(&mut self, type_name: &str, lid: &str, id: Uuid) -> bool {
        match self.0.entry((type_name.to_owned(), lid.to_owned())) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(id);
                true
            }
        }
    }

    pub fn resolve(&self, type_name: &str, lid: &str) -> Option<Uuid> {
        self.0.get(&(type_name.to_owned(), lid.to_owned())).copied()
    }
}
