//! Local ids, by which a document refers to resources that it creates (JSON:API section "Identification").

use std::collections::BTreeMap;

use uuid::Uuid;

/// The created resources by type and local id.
#[derive(Debug, Default)]
pub struct Lids(BTreeMap<(String, String), Uuid>);

/// For a document that creates at most one resource.
pub static NONE: Lids = Lids(BTreeMap::new());

impl Lids {
    pub fn bind(&mut self, type_name: &str, lid: &str, id: Uuid) -> bool {
        self.0.insert((type_name.to_owned(), lid.to_owned()), id).is_none()
    }

    pub fn resolve(&self, type_name: &str, lid: &str) -> Option<Uuid> {
        self.0.get(&(type_name.to_owned(), lid.to_owned())).copied()
    }
}
