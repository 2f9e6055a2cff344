//! Receiving a list piece by piece, so that neither the list nor its lines are in memory as a whole.

use sqlx::{PgConnection, PgPool};

use super::{import_append, import_begin, import_discard, import_prepare, import_refused};
use crate::kernel::id::ImportId;
use crate::platform::call::{Call, Includes, Write};
use crate::platform::failure::Outcome;
use crate::resources::imports::model::{NewImport, NewLine};
use crate::resources::imports::rules::{ListForm, ListReader};

/// How many lines are written at once.
const LINES: usize = 2_000;

/// A list that is being received: [`Self::begin`], [`Self::push`] for each piece, [`Self::end`], then [`Self::prepare`];
/// [`Self::discard`] after a failure. It holds no connection while it waits for the next piece.
pub struct ListReceiver<'a, P> {
    call: &'a Call<P>,
    id: ImportId,
    reader: ListReader,
    lines: Vec<NewLine>,
}

impl<'a, P: Includes<Write>> ListReceiver<'a, P> {
    /// # Errors
    /// `GroupNotFound`, also for a removed group.
    pub async fn begin(
        connection: &mut PgConnection,
        call: &'a Call<P>,
        new: &NewImport,
        form: ListForm,
    ) -> Outcome<Self> {
        let id = import_begin(connection, call, new).await?;
        Ok(Self { call, id, reader: ListReader::new(form), lines: Vec::new() })
    }

    pub const fn id(&self) -> ImportId {
        self.id
    }

    /// # Errors
    /// `ImportRefused`.
    pub async fn push(&mut self, pool: &PgPool, bytes: &[u8]) -> Outcome<()> {
        self.lines.extend(self.reader.push(bytes).map_err(import_refused)?);
        if self.lines.len() >= LINES { self.write(pool).await } else { Ok(()) }
    }

    /// Reads the list to its end.
    ///
    /// # Errors
    /// `ImportRefused`.
    pub async fn end(&mut self, pool: &PgPool) -> Outcome<()> {
        self.lines.extend(self.reader.finish().map_err(import_refused)?);
        self.write(pool).await
    }

    /// Makes the import visible.
    pub async fn prepare(&self, connection: &mut PgConnection) -> Outcome<()> {
        import_prepare(connection, self.call, self.id, self.reader.column_name()).await
    }

    pub async fn discard(&self, connection: &mut PgConnection) -> Outcome<()> {
        import_discard(connection, self.call, self.id).await
    }

    async fn write(&mut self, pool: &PgPool) -> Outcome<()> {
        let mut connection = pool.acquire().await?;
        for lines in self.lines.chunks(LINES) {
            import_append(&mut connection, self.call, self.id, lines).await?;
        }
        self.lines.clear();
        Ok(())
    }
}
