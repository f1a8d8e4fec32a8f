//! `jirei kwic`: every place where a word, a condition or a category is found, with its context, one under the other.

use std::sync::Arc;

use jirei::comment::Status as Answer;
use jirei::concordance::{self, KwicLine, Order};
use jirei::diagnostic::SourceFile;
use jirei::export;
use jirei::matcher::Worker;
use jirei::normalise::normalise;
use jirei::rule::expr::{self, Node};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::args::{FormatArgs, InputArgs, OutputArgs, RuleArgs, TextOrCsv};
use crate::exit::{Outcome, Status};
use crate::inputs::{Inputs, Means};
use crate::output::Output;
use crate::setup;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sort {
    Input,
    Left,
    Center,
    Right,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "例:\n  jirei kwic できる 回答.csv\n  jirei kwic 'near(顔認証, 否定(できる))' 回答.csv --sort right\n  jirei kwic '<face-auth>' 回答.csv --format csv -o 用例.csv"
)]
pub struct KwicArgs {
    /// 探す語（原形）か、ルールの条件。カテゴリは `<id>`
    #[arg(value_name = "条件", help_heading = "入力")]
    pub pattern: String,

    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub rules: RuleArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub format: FormatArgs<TextOrCsv>,

    /// 並べ方（input は入力の順、left は前の語、center は当たった語、right は後の語の順）
    #[arg(
        long,
        value_enum,
        value_name = "順",
        default_value = "input",
        hide_possible_values = true,
        help_heading = "出力"
    )]
    pub sort: Sort,

    /// 前後に見せる幅。全角は 2 と数える
    #[arg(long, value_name = "幅", default_value_t = 36, help_heading = "出力")]
    pub width: usize,
}

pub fn run(args: &KwicArgs, output: &Output) -> Outcome {
    let mut inputs = Inputs::open(&args.input)?;
    args.output.check(inputs.paths().iter().chain(args.rules.paths()))?;
    inputs.skip_digests();
    let tokenizer = setup::tokenizer(&args.rules.dictionary)?;
    let pattern = SourceFile { name: "条件".to_owned(), text: args.pattern.clone() };
    let rulebook = setup::rulebook_with(&args.rules, &[Arc::new(pattern)], &tokenizer, output)?;
    for finding in inputs.findings() {
        output.say(finding);
    }
    let op = rulebook.queries()[0].op;
    let raw = plain_word(&args.pattern);
    let mut lines: Vec<KwicLine> = Vec::new();
    let mut counts = Counts::default();
    inputs.over_all(
        Means { rulebook: &rulebook, tokenizer: &tokenizer, threads: 0, output },
        |worker, _, comments| {
            let (mut lines, mut counts) = (Vec::new(), Counts::default());
            for comment in comments {
                let before = lines.len();
                concordance::lines_of(&comment, op, worker, &mut lines);
                counts.answered += u64::from(comment.status() == Answer::Answered);
                counts.found += u64::from(lines.len() > before);
                if comment.status() == Answer::Answered && lines.len() == before {
                    counts.look(worker, raw.as_deref());
                }
            }
            (lines, counts)
        },
        |(mut batch, found)| {
            lines.append(&mut batch);
            counts.add(found);
            Ok(())
        },
    )?;
    let order = match args.sort {
        Sort::Input => Order::Input,
        Sort::Left => Order::Left,
        Sort::Center => Order::Center,
        Sort::Right => Order::Right,
    };
    concordance::sort(&mut lines, order);
    let mut bytes = Vec::new();
    match args.format.chosen {
        TextOrCsv::Csv => export::concordance::write(&mut bytes, &lines, &rulebook),
        TextOrCsv::Text => bytes = text(&lines, args.width).into_bytes(),
    }
    args.output.publish(&bytes)?;
    output.say(&counts.summary(lines.len(), &args.pattern));
    let named = rulebook.categories().iter().find(|category| category.name == args.pattern);
    if let Some(category) = named.filter(|_| lines.is_empty()) {
        output.say(&format!("カテゴリ「{}」の当たった所なら '<{}>' です", category.name, category.id));
    }
    Ok(Status::Done)
}

/// The pattern, if it is nothing but a word: where that is not found, its characters may still be.
fn plain_word(pattern: &str) -> Option<String> {
    match expr::parse(pattern).ok()?.expr.node {
        Node::Word(word) => Some(normalise(&word).text().to_owned()).filter(|word| !word.is_empty()),
        _ => None,
    }
}

/// What the summary says.
#[derive(Default)]
struct Counts {
    answered: u64,
    found: u64,
    /// Comments that have the word's characters, but not as a word.
    raw: u64,
    /// What they are part of in the first of these.
    inside: Option<String>,
}

impl Counts {
    /// Looks for the characters in the comment that `worker` tagged last.
    fn look(&mut self, worker: &Worker<'_>, raw: Option<&str>) {
        let tokens = worker.analyser().tokens();
        let Some((start, word)) = raw.and_then(|word| Some((tokens.text.find(word)?, word))) else { return };
        self.raw += 1;
        self.inside.get_or_insert_with(|| tokens.cut_around(&(start..start + word.len())));
    }

    fn add(&mut self, other: Counts) {
        self.answered += other.answered;
        self.found += other.found;
        self.raw += other.raw;
        self.inside = self.inside.take().or(other.inside);
    }

    fn summary(&self, places: usize, pattern: &str) -> String {
        let mut summary = match places {
            0 => format!("「{pattern}」は、回答あり {} 件のどこにも当たりません", self.answered),
            _ => format!("{places} か所、記述 {} 件（回答あり {} 件）", self.found, self.answered),
        };
        if let Some(inside) = &self.inside {
            summary += &format!(
                "\nほかに {} 件に同じ文字がありますが、語の区切りが違います（例: {inside}）。文字のまま探すなら '「{pattern}」' です",
                self.raw
            );
        } else if places == 0 {
            summary += "。区切りと原形は `jirei tokens` で見られます";
        }
        summary
    }
}

/// Widest place shown whole, in cells; of a wider one the middle is left out.
const WIDEST: usize = 40;

/// Lines with the places one under the other.
fn text(lines: &[KwicLine], width: usize) -> String {
    let heads: Vec<String> =
        lines.iter().map(|line| format!("{}  {}", line.comment.id(), line.comment.question())).collect();
    let centers: Vec<String> = lines.iter().map(|line| shortened(&flat(line.center()))).collect();
    let head_width = heads.iter().map(|head| head.width()).max().unwrap_or(0);
    let lefts: Vec<String> = lines.iter().map(|line| last_cells(&flat(line.left()), width)).collect();
    let left_width = lefts.iter().map(|left| left.width()).max().unwrap_or(0);
    let center_width = centers.iter().map(|center| center.width()).max().unwrap_or(0);
    let mut out = String::new();
    for (((line, head), left), center) in lines.iter().zip(&heads).zip(&lefts).zip(&centers) {
        let row = format!(
            "{head}{}  {}{left}  {center}{}  {}",
            " ".repeat(head_width - head.width()),
            " ".repeat(left_width - left.width()),
            " ".repeat(center_width - center.width()),
            first_cells(&flat(line.right()), width),
        );
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// One line of a text that may have several.
fn flat(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars()
        .map(|c| match c {
            '\n' | '\r' => '⏎',
            _ if c.is_control() => ' ',
            _ => c,
        })
        .collect()
}

fn cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// As much of the beginning of `text` as fits into `width` cells.
fn first_cells(text: &str, width: usize) -> String {
    let mut room = width;
    text.chars()
        .take_while(|&c| {
            let fits = cells(c) <= room;
            room = room.saturating_sub(cells(c));
            fits
        })
        .collect()
}

/// As much of the end of `text` as fits into `width` cells.
fn last_cells(text: &str, width: usize) -> String {
    let reversed: String = text.chars().rev().collect();
    first_cells(&reversed, width).chars().rev().collect()
}

fn shortened(center: &str) -> String {
    if center.width() <= WIDEST {
        return center.to_owned();
    }
    let half = (WIDEST - 1) / 2;
    format!("{}…{}", first_cells(center, half), last_cells(center, half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_cut_by_display_width() {
        assert_eq!(first_cells("顔認証aでき", 7), "顔認証a");
        assert_eq!(first_cells("顔認証aでき", 8), "顔認証a");
        assert_eq!(last_cells("顔認証aでき", 5), "aでき");
        assert_eq!(last_cells("顔", 1), "");
        assert_eq!(flat("一\r\n二\t三"), "一⏎二 三");
        let long = "あ".repeat(30);
        // Nine full-width characters on either side of the sign.
        assert_eq!(shortened(&long).width(), 37);
        assert_eq!(shortened("できない"), "できない");
    }
}
