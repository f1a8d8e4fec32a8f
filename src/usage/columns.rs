//! Columns and values that conditions ask for and the corpus doesn't have.

use std::collections::BTreeSet;

use crate::comment::Comment;
use crate::diagnostic::{Diagnostic, Kind};
use crate::matcher::program::{Column, Op, Trace};
use crate::normalise::normalise;
use crate::rule::Rulebook;
use crate::rule::source::nearest;

/// The column that every table has: the question, or the header of the answer's column.
const QUESTION: &str = "問";

pub(super) fn check(rulebook: &Rulebook, comments: &[Comment]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for category in rulebook.category_ids() {
        let rules = rulebook.rules_of(category).map(|(_, rule)| rule);
        for trace in rules.chain(rulebook.exclusion_of(category)) {
            visit(trace, rulebook, &mut |trace, column| found.extend(check_column(trace, column, comments)));
        }
    }
    // A part stands in many conditions.
    let mut seen = BTreeSet::new();
    found.retain(|found| seen.insert((found.file.name.clone(), found.range.start, found.title.clone())));
    found
}

fn visit<'t>(trace: &'t Trace, rulebook: &'t Rulebook, look: &mut impl FnMut(&'t Trace, &'t Column)) {
    if let Some(Op::Column(column)) = rulebook.program.operation(trace.op)
        && trace.parts.is_empty()
    {
        look(trace, column);
    }
    trace.parts.iter().for_each(|part| visit(part, rulebook, look));
}

fn check_column(trace: &Trace, column: &Column, comments: &[Comment]) -> Vec<Diagnostic> {
    let (Some(site), Some(first)) = (&trace.site, comments.first()) else { return Vec::new() };
    let diagnostic = |kind, title: String| Diagnostic::new(kind, &site.file, site.range.clone(), title);
    let name: &str = &column.name;
    let is_question = name == QUESTION && first.attribute(QUESTION).is_none();
    if !is_question && first.attribute(name).is_none() {
        let known: Vec<&str> = first.attributes().map(|(name, _)| name).collect();
        let mend = match nearest(name, &known) {
            Some(nearest) => format!("「{nearest}」の書き間違いではありませんか"),
            None => format!("この表の列は {} です", [&known[..], &[QUESTION]].concat().join("・")),
        };
        return vec![
            diagnostic(Kind::MissingColumn, format!("「{name}」という列は、この表にありません")).mend(mend),
        ];
    }
    let cells: BTreeSet<String> = comments
        .iter()
        .filter_map(|comment| if is_question { Some(comment.question()) } else { comment.attribute(name) })
        .map(|cell| normalise(cell).text().to_owned())
        .collect();
    let missing = column.values.iter().filter(|value| !cells.contains(&***value));
    missing
        .map(|value| {
            let known: Vec<&str> = cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
            let containing = known.iter().copied().find(|cell| cell.contains(&**value));
            let mend = match containing.or_else(|| nearest(value, &known)) {
                Some(nearest) => format!("近い値は「{nearest}」です"),
                None => {
                    format!(
                        "この列の値は {} などです",
                        known.iter().take(8).copied().collect::<Vec<_>>().join("・")
                    )
                }
            };
            diagnostic(Kind::MissingValue, format!("列「{name}」に「{value}」という値はありません"))
                .mend(mend)
        })
        .collect()
}
