//! `groupdesk generate`: manual pages and shell completions, only for packaging. A build script cannot write them: it
//! runs before the crate exists whose definitions it would read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, Subcommand};
use clap_complete::Shell;

use super::{CommandResult, cannot};

/// The shells that Debian has a directory for. Their files have the names that these directories expect.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Fish, Shell::Zsh];

#[derive(Subcommand)]
pub(super) enum GenerateCommand {
    /// Write a manual page for the program and for each of its commands
    Man(DirectoryArgs),
    /// Write completions for bash, fish and zsh
    Completions(DirectoryArgs),
}

#[derive(Args)]
pub(super) struct DirectoryArgs {
    /// The directory for the files; it is created if it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// `program` is not yet built: building it adds the command `help`, which would then get manual pages, too.
pub(super) fn run(program: Command, command: GenerateCommand) -> CommandResult {
    let (write, DirectoryArgs { directory }): (fn(_, &_) -> _, _) = match command {
        GenerateCommand::Man(args) => (write_manual_pages, args),
        GenerateCommand::Completions(args) => (write_completions, args),
    };
    write(program, &directory).map_err(cannot(format_args!("write to {}", directory.display())))
}

fn write_manual_pages(program: Command, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    clap_mangen::generate_to(program, directory)
}

fn write_completions(mut program: Command, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let name = program.get_name().to_owned();
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut program, name.as_str(), directory)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::super::Cli;
    use super::*;

    fn file_names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The pages of a command and of all commands below it that help shows.
    fn expected_pages(command: &Command, name: &str) -> Vec<String> {
        let mut pages = vec![format!("{name}.1")];
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            pages.extend(expected_pages(below, &format!("{name}-{}", below.get_name())));
        }
        pages
    }

    #[test]
    fn every_visible_command_has_a_manual_page() {
        let directory = tempfile::tempdir().unwrap();
        write_manual_pages(Cli::command(), directory.path()).unwrap();
        let mut expected = expected_pages(&Cli::command(), "groupdesk");
        expected.sort();
        assert!(expected.contains(&"groupdesk-operator-add.1".to_owned()), "{expected:?}");
        assert_eq!(file_names(directory.path()), expected);
    }

    #[test]
    fn each_shell_has_a_completion_file_with_all_commands() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("new");
        write_completions(Cli::command(), &directory).unwrap();
        let names = file_names(&directory);
        assert_eq!(names, ["_groupdesk", "groupdesk.bash", "groupdesk.fish"]);
        for name in names {
            let text = fs::read_to_string(directory.join(&name)).unwrap();
            for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
                assert!(text.contains(command.get_name()), "{name} does not have {}", command.get_name());
            }
        }
    }
}
