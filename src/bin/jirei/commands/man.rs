//! `jirei man`: manual pages, one for the program and one per command, from the one definition of the command line.

use std::path::PathBuf;

use jirei::error::Error;
use jirei::publish::{Draft, is_stdout};

use crate::args;
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_help = "例:\n  jirei man ~/.local/share/man/man1    man jirei-tag で読める")]
pub struct ManArgs {
    /// 書き出すフォルダー
    #[arg(value_name = "フォルダー")]
    pub folder: PathBuf,
}

pub fn run(args: &ManArgs, output: &Output) -> Outcome {
    if is_stdout(&args.folder) {
        return Err(Failure::Usage(
            "man ページは標準出力に書き出せません".to_owned(),
            "何枚ものページになるので、フォルダーを指定してください".to_owned(),
        ));
    }
    std::fs::create_dir_all(&args.folder).map_err(|source| Error::write(&args.folder, source))?;
    let definition = args::definition();
    let commands =
        definition.get_subcommands().map(|command| (format!("jirei-{}", command.get_name()), command));
    let mut drafts = Vec::new();
    for (name, command) in std::iter::once(("jirei".to_owned(), &definition)).chain(commands) {
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).title(&name).render(&mut page)?;
        let mut draft = Draft::create(&args.folder.join(format!("{name}.1")))?;
        draft.put(&page)?;
        drafts.push(draft);
    }
    let count = drafts.len();
    Draft::commit_all(drafts)?;
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
