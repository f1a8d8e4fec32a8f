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
        let page = page(&name, command)?;
        let mut draft = Draft::create(&args.folder.join(format!("{name}.1")))?;
        draft.put(page.as_bytes())?;
        drafts.push(draft);
    }
    let count = drafts.len();
    Draft::commit_all(drafts)?;
    output.say(&format!("{count} 個の man ページを `{}` に書き出しました", args.folder.display()));
    Ok(Status::Done)
}

/// The page of `command`, which is called `name`.
fn page(name: &str, command: &clap::Command) -> std::io::Result<String> {
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(name);
    man.source(concat!("jirei ", env!("CARGO_PKG_VERSION"))).manual("jirei").render(&mut page)?;
    let mut page = String::from_utf8(page).map_err(std::io::Error::other)?;
    // After the title, which sets what is usual.
    page = page.replacen("\n.SH", &format!("\n{LAYOUT}.SH"), 1);
    for (heading, in_japanese) in HEADINGS {
        page = page.replace(&format!("\n.SH {heading}\n"), &format!("\n.SH {in_japanese}\n"));
    }
    Ok(page)
}

/// Japanese has few blanks: stretched, they tear lines apart. And a hyphen may belong to the name of a file.
const LAYOUT: &str = ".ad l\n.nh\n";

/// Headings of the generator.
const HEADINGS: [(&str, &str); 5] =
    [("NAME", "名前"), ("SYNOPSIS", "書式"), ("DESCRIPTION", "説明"), ("EXTRA", "補足"), ("VERSION", "版")];

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
            assert!(page.contains(".ad l\n.nh\n.SH 名前"), "{page}");
            let mut headings = page.lines().filter_map(|line| line.strip_prefix(".SH "));
            assert!(headings.all(|heading| !heading.is_ascii()), "{page}");
        }
        assert!(std::fs::read_to_string(folder.path().join("jirei.1")).unwrap().contains("jirei\\-tag"));
    }
}
