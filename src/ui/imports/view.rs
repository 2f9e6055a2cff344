//! Imports as their pages show them.

use crate::resources::imports::model::{Import, ImportCounts, ImportLine, LineKind};
use crate::ui::pagination::ListPage;

/// An import with its lines of one kind.
pub struct ImportView {
    pub import: Import,
    /// The outcomes of its lines; before the import is started, the outcomes that they would have now.
    pub counts: ImportCounts,
    pub kind: LineKind,
    pub lines: ListPage<ImportLine>,
}
