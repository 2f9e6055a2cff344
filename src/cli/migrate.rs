//! `groupdesk migrate`

use super::Done;
use super::database::OpenDatabase;
use crate::platform::config::Settings;

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn run(settings: Settings) -> Done {
    let database = OpenDatabase::open(&settings).await?;
    let outcome = database.migrate().await;
    database.close().await?;
    let applied = outcome?;
    for migration in &applied {
        println!("applied {} {}", migration.version, migration.description);
    }
    if applied.is_empty() {
        println!("nothing to apply");
    }
    Ok(())
}
