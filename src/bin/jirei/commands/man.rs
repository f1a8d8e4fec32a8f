//! `jirei man`: manual pages, one for the program and one per command, from the one definition of the command line.

use std::path::PathBuf;

use jirei::error::Error;
use jirei::publish::Draft;

use crate::args;
use crate::exit::{Outcome, Status};
use crate::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_help = "例:\n  jirei man ~/.local/share/man/man1    man jirei-tag で読める")]
pub struct ManArgs {
    /// 書き出すフォルダー
    #[arg(value_name = "フォルダー")]
    pub folder: PathBuf,
}

pub fn run(args: &ManArgs, output: &Output) -> Outcome {
    std::fs::create_dir_all(&args.folder).map_err(|source| Error::write(&args.folder, source))?;
    let definition = args::definition();
    let commands =
        definition.get_subcommands().map(|command| (format!("jirei-{}", command.get_name()), command));
    let mut count = 0;
    for (name, command) in std::iter::once(("jirei".to_owned(), &definition)).chain(commands) {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).title(&name).render(&mut page)?;
        let mut draft = Draft::create(&args.folder.join(format!("{name}.1")))?;
        draft.put(&page)?;
        draft.commit()?;
        count += 1;
    }
    output.say(&format!("{count} 個の man ページを `{}` に書き出しました", args.folder.display()));
    Ok(Status::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Color;

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let folder = tempfile::tempdir().unwrap();
        let args = ManArgs { folder: folder.path().to_owned() };
        run(&args, &Output::new(Color::Never, true, false)).unwrap();
        for command in args::definition().get_subcommands() {
            let page = folder.path().join(format!("jirei-{}.1", command.get_name()));
            let page =
                std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
            assert!(page.contains("quiet"), "{page}");
        }
        assert!(std::fs::read_to_string(folder.path().join("jirei.1")).unwrap().contains("jirei\\-tag"));
    }
}
