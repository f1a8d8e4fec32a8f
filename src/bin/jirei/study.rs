//! What the commands that study a corpus (`coverage`, `uncovered`, `suggest`) begin with: all of its answers, and
//! what people decided about them, if they did.

use std::sync::Arc;

use jirei::classify::Tagging;
use jirei::comment::Comment;
use jirei::evaluate::{Gold, Labels};
use jirei::matcher::Worker;
use jirei::read::comments_of;
use jirei::rule::{CategoryId, Rulebook};
use jirei::tokenize::Tokenizer;

use crate::args::{InputArgs, OutputArgs, RuleArgs};
use crate::exit::Failure;
use crate::inputs::Inputs;
use crate::output::Output;
use crate::setup;

#[derive(Debug, clap::Args)]
pub struct StudyArgs {
    #[command(flatten)]
    pub input: InputArgs,

    /// 人が付けたカテゴリの列（id か名前を「;」で区切ったもの）。あれば、正しいかどうかも数える
    #[arg(long, value_name = "列", help_heading = "入力")]
    pub labels: Option<String>,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    /// このカテゴリだけ（id か名前。いくつでも指定できる）
    #[arg(long = "category", value_name = "カテゴリ", help_heading = "出力")]
    pub categories: Vec<String>,
}

/// The answers with what people decided about them.
pub struct Study {
    pub comments: Vec<Comment>,
    pub gold: Option<Vec<Labels>>,
}

impl Study {
    /// What `rulebook` says about each answer.
    pub fn tag(&self, rulebook: &Rulebook, tokenizer: &Tokenizer) -> Vec<Tagging> {
        let mut worker = Worker::new(rulebook, tokenizer);
        self.comments.iter().map(|comment| worker.tag(comment)).collect()
    }
}

impl StudyArgs {
    /// Opens the inputs and checks that the output is free.
    pub fn open(&self) -> Result<Inputs, Failure> {
        let inputs = Inputs::open_with(&self.input, self.labels.as_deref())?;
        self.output.check(inputs.paths().iter().chain(self.rules.paths()))?;
        Ok(inputs)
    }

    /// Reads the answers, see [`read`].
    pub fn read(&self, inputs: Inputs, rulebook: &Rulebook, output: &Output) -> Result<Study, Failure> {
        read(inputs, self.labels.as_deref(), rulebook, output)
    }

    /// The categories asked for; all of them where none is named.
    pub fn categories(&self, rulebook: &Rulebook) -> Result<Vec<CategoryId>, Failure> {
        if self.categories.is_empty() {
            return Ok(rulebook.category_ids().collect());
        }
        self.categories.iter().map(|name| setup::category(rulebook, name)).collect()
    }
}

/// Reads all answers, and the categories of `rulebook` in the column `labels` where there is one.
pub fn read(
    mut inputs: Inputs,
    labels: Option<&str>,
    rulebook: &Rulebook,
    output: &Output,
) -> Result<Study, Failure> {
    inputs.skip_digests();
    for finding in inputs.findings() {
        output.say(finding);
    }
    let mut study = Study { comments: Vec::new(), gold: labels.map(|_| Vec::new()) };
    for (mut reader, path) in inputs.into_readers() {
        if let (Some(column), Some(gold)) = (labels, &mut study.gold) {
            let coded = Gold::from_reader(reader, &path.display().to_string(), column, rulebook)?;
            for coded in coded.comments {
                study.comments.push(coded.comment);
                gold.push(coded.labels);
            }
            continue;
        }
        let schema = Arc::clone(reader.schema());
        while let Some(row) = reader.next_row()? {
            study.comments.extend(comments_of(&schema, row));
        }
    }
    Ok(study)
}
