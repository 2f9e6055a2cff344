//! The settings of the private Postgres.

use procfs::{Current as _, Meminfo};

/// Sized for a machine with other work: a quarter of the memory, at most 1 GiB. Everything that protects acknowledged
/// writes has Postgres's safe defaults.
pub(super) fn server_settings(socket_directories: &str) -> String {
    let memory_mib = Meminfo::current().map_or(1024, |memory| memory.mem_total / (1024 * 1024));
    let buffers = (memory_mib / 4).clamp(64, 1024);
    let cache = (memory_mib / 2).max(256);
    format!(
        "# Written at every start; changes here do not last.\n\
         listen_addresses = ''\n\
         port = {}\n\
         unix_socket_directories = '{}'\n\
         unix_socket_permissions = 0700\n\
         max_connections = 120\n\
         shared_buffers = {buffers}MB\n\
         effective_cache_size = {cache}MB\n\
         # Files in the data folder. Segments in /dev/shm are removed when the last login session of their\n\
         # owner ends (RemoveIPC= in logind.conf), and this server outlives sessions.\n\
         dynamic_shared_memory_type = mmap\n\
         random_page_cost = 1.1\n\
         max_wal_size = 4GB\n\
         checkpoint_timeout = 15min\n\
         wal_compression = on\n\
         jit = off\n\
         # A line every 15 minutes that says nothing is wrong.\n\
         log_checkpoints = off\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         lc_messages = 'C'\n",
        super::socket::PORT,
        quoted(socket_directories)
    )
}

/// Escapes a text for a quoted value (Postgres's `GUC_scanstr`).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_may_have_any_name() {
        let settings = server_settings("\"/srv/a'b\\back\nnext\"");
        let line = settings.lines().find(|line| line.starts_with("unix_socket_directories"));
        assert_eq!(line, Some(r#"unix_socket_directories = '"/srv/a''b\\back\nnext"'"#));
    }
}
