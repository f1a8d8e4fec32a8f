//! `jirei export rules DIR`: writes the built-in rules out, to be edited and used with `--rules`.

use jirei::error::Error;
use jirei::publish::Draft;
use jirei::rule::shipped;

use crate::args::{ExportArgs, Exported};
use crate::exit::{Failure, Outcome, Status};
use crate::output::Output;

pub fn run(args: &ExportArgs, output: &Output) -> Outcome {
    let Exported::Rules = args.what;
    std::fs::create_dir_all(&args.folder).map_err(|source| Error::write(&args.folder, source))?;
    // Somebody's edited rules must not be lost: all or nothing.
    for (name, _) in shipped::FILES {
        let path = args.folder.join(name);
        if path.exists() {
            return Err(Failure::Usage(
                format!("`{}` がもうあります", path.display()),
                "上書きはしません。空のフォルダーを指定してください".to_owned(),
            ));
        }
    }
    for (name, text) in shipped::FILES {
        let mut draft = Draft::create(&args.folder.join(name))?;
        draft.put(text.as_bytes())?;
        draft.commit()?;
    }
    output.say(&format!(
        "{} 個のファイルを `{}` に書き出しました。`--rules {}` で使えます",
        shipped::FILES.len(),
        args.folder.display(),
        args.folder.display()
    ));
    Ok(Status::Done)
}
