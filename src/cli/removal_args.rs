//! The flags that limit what a list may remove.

use clap::Args;

use crate::resources::enrollments::model::removals::RemovalLimit;

#[derive(Args)]
pub(super) struct RemovalArgs {
    /// Refuse to remove more workspaces from a group than this number, or than this percentage of its workspaces
    /// [default: 10%, except for a list of the workspaces to remove]
    #[arg(long, value_name = "N|P%", value_parser = parse_limit)]
    pub(super) max_removals: Option<RemovalLimit>,
    /// Remove all workspaces from a group for which the list names none; --max-removals still applies
    #[arg(long)]
    pub(super) allow_empty: bool,
}

fn parse_limit(text: &str) -> Result<RemovalLimit, String> {
    text.parse().map_err(|_| "a limit is a number such as 25, or a percentage such as 10%".to_owned())
}
