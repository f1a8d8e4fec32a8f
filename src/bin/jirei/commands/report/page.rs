//! The tagged answers as one HTML page, to read, choose and correct in.

use std::path::{Path, PathBuf};

use jirei::error::Error;
use jirei::matcher::Worker;
use jirei::publish::is_stdout;
use jirei::quote::selection::Selection;
use jirei::quote::{self, Pool};
use jirei::report::{About, MOST_COMMENTS, Report};
use jirei::tally::Tally;

use super::{QUOTES, ReportArgs};
use crate::exit::{Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::{record, setup};

pub fn run(args: &ReportArgs, output: &Output) -> Outcome {
    let selection = args.selection.as_deref().map_or_else(|| Ok(Selection::empty()), Selection::read)?;
    let mut inputs = Inputs::open(&args.input)?;
    let read = inputs.paths().iter().chain(&args.selection);
    args.replace.check(&args.output, read.chain(args.rules.paths()))?;
    let (tokenizer, rulebook) = setup::tokenizer_and_rulebook(&args.rules, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    args.check_limits(&inputs.schema())?;
    let mut report = Report::new(&inputs.schema(), inputs.roles());
    let mut tally = Tally::new(&rulebook);
    let paths = inputs.paths().to_vec();
    // What the program would quote; the page sets the editor's decisions beside it.
    let options = quote::Options {
        per_category: args.quotes.unwrap_or(QUOTES),
        ..quote::Options::for_columns(&inputs.schema())
    };
    let mut pool = Pool::new(&rulebook, options);
    let means = Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: args.threads.count(), output };
    inputs.each_quotable(
        means,
        |comment| args.wants(comment),
        |comment, tagging, candidates| {
            report.add(&comment, &tagging);
            tally.add(&comment, &tagging);
            pool.meet(&comment, &tagging);
            for candidate in candidates {
                pool.add(candidate);
            }
            if report.is_too_large() { Err(too_large(&paths)) } else { Ok(()) }
        },
    )?;
    let limits: Vec<String> =
        args.limits.iter().map(|(column, value)| format!("{column}＝{value}")).collect();
    let mut options = vec![("quotes", args.quotes.unwrap_or(QUOTES).to_string())];
    options.extend((!limits.is_empty()).then(|| ("where", limits.join("、"))));
    let options = record::options(&args.input, &options);
    let manifest = record::manifest(&args.rules, &tokenizer, &rulebook, &inputs, options, &tally)?;
    let chosen = pool.select(&mut Worker::new(&rulebook, &tokenizer));
    let title = args.title.clone().unwrap_or_else(|| match &limits[..] {
        [] => title(&paths),
        limits => format!("{}（{}）", title(&paths), limits.join("、")),
    });
    let about = About {
        title: &title,
        rulebook: &rulebook,
        tally: &tally,
        quotes: &chosen.quotes,
        manifest: &manifest,
        selection: &selection,
    };
    let page = report.page(&about).ok_or_else(|| too_large(&paths))?;
    setup::publish(&args.output, &page)?;
    inputs.report(output);
    let count = manifest.accounting;
    output.say(&format!(
        "\n記述 {} 件 ＝ 回答あり {}（カテゴリあり {}）＋ 特になし {} ＋ 空欄 {}",
        count.comments, count.answered, count.tagged, count.nothing, count.empty
    ));
    if !is_stdout(&args.output) {
        output.say(&format!("`{}` をブラウザーで開いてください", args.output.display()));
    }
    Ok(Status::Done)
}

fn too_large(inputs: &[PathBuf]) -> Error {
    Error::Input {
        input: title(inputs),
        line: None,
        problem: format!("記述が {MOST_COMMENTS} 件を超えるので、1 つのページには入りません"),
        hint: "`--where 調査時期=2024-05` のように一部の回答に絞るか、`jirei tag` の CSV や Excel のブックを使ってください".to_owned(),
    }
}

/// What a page over these files is called where nobody says: after the first.
pub fn title(paths: &[PathBuf]) -> String {
    let name = paths.first().and_then(|path| path.file_stem()).filter(|stem| *stem != "-");
    let name = name.map_or_else(|| "自由記述".to_owned(), |stem| Path::new(stem).display().to_string());
    match paths.len() {
        0 | 1 => name,
        many => format!("{name} ほか {} 件", many - 1),
    }
}
