//! Local ids: names that one document gives to resources which it creates, so that its later parts
//! can refer to them (JSON:API section "Identification").

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use uuid::Uuid;

/// The local ids of a document and what they stand for by now.
#[derive(Debug, Default)]
pub struct Lids(BTreeMap<(String, String), Uuid>);

/// Of a document that makes one resource at the most: nothing in it could be referred to.
pub static NONE: Lids = Lids(BTreeMap::new());

impl Lids {
    /// `false` where the name is taken, and nothing changes.
    pub fn bind(&mut self, kind: &str, lid: &str, id: Uuid) -> bool {
        match self.0.entry((kind.to_owned(), lid.to_owned())) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(id);
                true
            }
        }
    }

    pub fn resolve(&self, kind: &str, lid: &str) -> Option<Uuid> {
        self.0.get(&(kind.to_owned(), lid.to_owned())).copied()
    }
}
