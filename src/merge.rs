//! What people decided, laid over what the rules say.
//!
//! A decision belongs to the answer with its id and question, as long as the answer still reads the same: a decision about another
//! text is *stale* and changes nothing. Where two people decided differently, nobody did: the rules stand, and the conflict is
//! reported. Nothing is guessed, and every comment says who decided.

use std::collections::HashMap;

use crate::classify::{Tag, Tagging};
use crate::comment::Comment;
use crate::evaluate::gold::{Gold, Labels};
use crate::export::restored;
use crate::export::xlsx::CUT;
use crate::read::FILE_COLUMN;

/// The decisions of all people.
#[derive(Debug, Default)]
pub struct Decisions {
    /// The names of their files.
    files: Vec<String>,
    /// In the order they were added.
    all: Vec<Decision>,
    /// Indices in `all`, by id.
    places: HashMap<String, Vec<usize>>,
}

/// What one person decided about one answer.
#[derive(Debug)]
pub struct Decision {
    /// The respondent's id.
    pub id: String,
    /// The question answered; of a table that doesn't say, the header of its answers.
    pub question: String,
    /// The categories.
    pub labels: Labels,
    /// What became of it so far.
    pub fate: Fate,
    names_question: bool,
    /// The input it is about, where it names one.
    input: Option<String>,
    /// The text decided about, as [`comparable`] makes it.
    text: String,
    file: usize,
}

/// What becomes of a decision. Of several answers that it may be about, the one it did most for counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// There is no such answer.
    Unmet,
    /// The answer reads otherwise now.
    Stale,
    /// Somebody decided otherwise.
    Conflicting,
    /// It is in the result.
    Applied,
}

/// Who decided on a comment.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<'d> {
    /// Nobody did: the rules' tags stand.
    Rules,
    /// People, of this file or these files: these categories apply.
    People(Vec<&'d str>, &'d Labels),
    /// People decided differently; the rules' tags stand.
    Conflict(Vec<(&'d str, &'d Labels)>),
    /// People decided about another text; the rules' tags stand.
    Stale,
}

impl Decisions {
    /// Adds what one person decided.
    pub fn add(&mut self, gold: Gold) {
        let file = self.files.len();
        for coded in &gold.comments {
            let comment = &coded.comment;
            let id = restored(&comment.id()).to_owned();
            self.places.entry(id.clone()).or_default().push(self.all.len());
            self.all.push(Decision {
                id,
                question: restored(comment.question()).to_owned(),
                labels: coded.labels.clone(),
                fate: Fate::Unmet,
                names_question: comment.schema().question.is_some(),
                input: comment.attribute(FILE_COLUMN).map(str::to_owned),
                text: comparable(comment.text()),
                file,
            });
        }
        self.files.push(gold.name);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many had this fate so far.
    pub fn count(&self, fate: Fate) -> usize {
        self.all.iter().filter(|decision| decision.fate == fate).count()
    }

    /// Who decided on `comment`.
    pub fn on(&mut self, comment: &Comment) -> Verdict<'_> {
        let Some(places) = self.places.get(comment.id().as_ref()) else { return Verdict::Rules };
        let text = comparable(comment.text());
        let about: Vec<usize> =
            places.iter().copied().filter(|&place| self.all[place].is_about(comment, &text)).collect();
        let (fitting, stale): (Vec<usize>, Vec<usize>) =
            about.into_iter().partition(|&place| self.all[place].reads(&text));
        let agree = fitting.windows(2).all(|pair| self.all[pair[0]].labels == self.all[pair[1]].labels);
        let fate = if agree { Fate::Applied } else { Fate::Conflicting };
        for (places, fate) in [(&fitting, fate), (&stale, Fate::Stale)] {
            for &place in places {
                self.all[place].fate = self.all[place].fate.max(fate);
            }
        }
        let of = |&place: &usize| (self.files[self.all[place].file].as_str(), &self.all[place].labels);
        match fitting.first() {
            None if stale.is_empty() => Verdict::Rules,
            None => Verdict::Stale,
            Some(first) if agree => {
                let mut files: Vec<&str> = fitting.iter().map(|place| of(place).0).collect();
                // Decisions of one file stand together.
                files.dedup();
                Verdict::People(files, of(first).1)
            }
            Some(_) => Verdict::Conflict(fitting.iter().map(of).collect()),
        }
    }

    /// The decisions that had this fate, with their files.
    pub fn with_fate(&self, fate: Fate) -> impl Iterator<Item = (&str, &Decision)> {
        let chosen = self.all.iter().filter(move |decision| decision.fate == fate);
        chosen.map(|decision| (self.files[decision.file].as_str(), decision))
    }
}

impl Decision {
    /// Whether it is about `comment`, which has its id and reads `text`.
    fn is_about(&self, comment: &Comment, text: &str) -> bool {
        let schema = comment.schema();
        // The ids of two inputs may be the same.
        let is_input = match (&self.input, comment.attribute(FILE_COLUMN)) {
            (Some(input), Some(of_comment)) => input == of_comment,
            _ => true,
        };
        let is_question = self.question == comment.question()
            || (!self.names_question
                && ((!schema.is_wide() && schema.question.is_none()) || self.reads(text)));
        is_input && is_question
    }

    /// Whether `text` is what it was decided about.
    fn reads(&self, text: &str) -> bool {
        // A cell of a workbook holds only so much.
        self.text == text || self.text.strip_suffix(CUT).is_some_and(|beginning| text.starts_with(beginning))
    }
}

/// `tagging` with `labels` for its categories. Those that the rules found too keep their evidence; others have none.
pub fn overruled(tagging: &Tagging, labels: &Labels) -> Tagging {
    let tag = |category| tagging.get(category).cloned().unwrap_or(Tag { category, evidence: Vec::new() });
    Tagging { tags: labels.iter().map(tag).collect() }
}

/// A text as decisions are compared by it: without the apostrophe that guards it in CSV, and with the line ends of a workbook.
fn comparable(text: &str) -> String {
    restored(text).replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::gold::Coded;
    use crate::export::fixture::{category, long, tagging};

    fn gold(name: &str, decisions: &[(&str, &str, &[usize])]) -> Gold {
        let coded = |&(id, text, categories): &(&str, &str, &[usize])| Coded {
            comment: long(id, "問7", "東京都", text),
            labels: Labels::new(categories.iter().map(|&index| category(index)).collect()),
        };
        Gold {
            name: name.to_owned(),
            comments: decisions.iter().map(coded).collect(),
            findings: Vec::new(),
            open: 0,
        }
    }

    #[test]
    fn people_overrule_the_rules_where_they_agree_and_know_the_text() {
        let mut decisions = Decisions::default();
        let cut = format!("長い{CUT}");
        decisions.add(gold(
            "a",
            &[
                ("1", "●", &[1]),
                ("2", "'-遅い", &[]),
                ("3", "古い", &[0]),
                ("4", "x", &[0]),
                ("9", "y", &[2]),
                ("1", "●", &[1]),
                ("6", &cut, &[1]),
            ],
        ));
        decisions.add(gold("b", &[("1", "●", &[1]), ("4", "x", &[1]), ("3", "今\n\n行", &[2])]));
        let mut on = |id, text| format!("{:?}", decisions.on(&long(id, "問7", "東京都", text)));
        assert!(on("1", "●").starts_with("People([\"a\", \"b\"]"));
        assert!(on("2", "-遅い").starts_with("People([\"a\"]"));
        assert!(on("3", "今\r\n\r行").starts_with("People([\"b\"]"), "the text of b is the one of today");
        assert!(on("4", "x").starts_with("Conflict([(\"a\""));
        assert!(on("6", "長い長い文").starts_with("People([\"a\"]"), "as far as a workbook holds it");
        assert_eq!(on("6", "永い文"), "Stale");
        assert_eq!(on("2", "早い"), "Stale");
        assert_eq!(on("5", "●"), "Rules");
        let of = |fate| {
            let found = decisions.with_fate(fate).map(|(file, decision)| (file, decision.id.as_str()));
            found.collect::<Vec<_>>()
        };
        assert_eq!(of(Fate::Unmet), [("a", "9")]);
        assert_eq!(of(Fate::Stale), [("a", "3")], "the others were applied to another answer");
        assert_eq!(of(Fate::Conflicting), [("a", "4"), ("b", "4")]);
        assert_eq!(decisions.count(Fate::Applied) + 4, decisions.len());
    }

    #[test]
    fn evidence_stays_with_the_categories_that_stay() {
        let found = tagging("●と顔認証", &[(0, &["顔認証"]), (1, &["●"])]);
        let labels = Labels::new(vec![category(1), category(2)]);
        let merged = overruled(&found, &labels);
        let evidence: Vec<_> = merged.tags.iter().map(|tag| (tag.category, tag.evidence.len())).collect();
        assert_eq!(evidence, [(category(1), 1), (category(2), 0)]);
    }
}
