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

/// The decisions of all people.
#[derive(Debug, Default)]
pub struct Decisions {
    /// The names of their files.
    files: Vec<String>,
    /// In the order they were added.
    all: Vec<Decision>,
    /// Indices in `all`, by id and question.
    places: HashMap<(String, String), Vec<usize>>,
}

/// What one person decided about one answer.
#[derive(Debug)]
pub struct Decision {
    /// The respondent's id.
    pub id: String,
    /// The question answered.
    pub question: String,
    /// The categories.
    pub labels: Labels,
    /// The text decided about, as [`comparable`] makes it.
    text: String,
    file: usize,
    is_met: bool,
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
    Stale(Vec<(&'d str, &'d Labels)>),
}

impl Decisions {
    /// Adds what one person decided.
    pub fn add(&mut self, gold: Gold) {
        let file = self.files.len();
        self.files.push(gold.name);
        for coded in gold.comments {
            let comment = &coded.comment;
            let (id, question) =
                (restored(&comment.id()).to_owned(), restored(comment.question()).to_owned());
            let decision = Decision {
                id: id.clone(),
                question: question.clone(),
                labels: coded.labels,
                text: comparable(comment.text()),
                file,
                is_met: false,
            };
            self.places.entry((id, question)).or_default().push(self.all.len());
            self.all.push(decision);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Who decided on `comment`.
    pub fn on(&mut self, comment: &Comment) -> Verdict<'_> {
        let key = (comment.id().into_owned(), comment.question().to_owned());
        let Some(places) = self.places.get(&key) else { return Verdict::Rules };
        for &place in places {
            self.all[place].is_met = true;
        }
        let text = comparable(comment.text());
        let of = |place: usize| (self.files[self.all[place].file].as_str(), &self.all[place].labels);
        let (fitting, stale): (Vec<usize>, Vec<usize>) =
            places.iter().partition(|&&place| self.all[place].text == text);
        match fitting.split_first() {
            None => Verdict::Stale(stale.into_iter().map(of).collect()),
            Some((&first, rest)) if rest.iter().all(|&other| of(other).1 == of(first).1) => {
                Verdict::People(fitting.iter().map(|&place| of(place).0).collect(), of(first).1)
            }
            Some(_) => Verdict::Conflict(fitting.into_iter().map(of).collect()),
        }
    }

    /// The decisions about answers that [`Decisions::on`] was never asked about, with their files.
    pub fn unmet(&self) -> impl Iterator<Item = (&str, &Decision)> {
        let unmet = self.all.iter().filter(|decision| !decision.is_met);
        unmet.map(|decision| (self.files[decision.file].as_str(), decision))
    }
}

/// `tagging` with `labels` for its categories. Those that the rules found too keep their evidence; others have none.
pub fn overruled(tagging: &Tagging, labels: &Labels) -> Tagging {
    let tag = |category| tagging.get(category).cloned().unwrap_or(Tag { category, evidence: Vec::new() });
    Tagging { tags: labels.iter().map(tag).collect() }
}

/// A text as decisions are keyed by it: without the apostrophe that guards it in CSV, and with the line ends of a workbook.
fn comparable(text: &str) -> String {
    restored(text).replace("\r\n", "\n")
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
        Gold { name: name.to_owned(), comments: decisions.iter().map(coded).collect(), findings: Vec::new() }
    }

    #[test]
    fn people_overrule_the_rules_where_they_agree_and_know_the_text() {
        let mut decisions = Decisions::default();
        decisions.add(gold(
            "a",
            &[
                ("1", "●", &[1]),
                ("2", "'-遅い", &[]),
                ("3", "古い", &[0]),
                ("4", "x", &[0]),
                ("9", "y", &[2]),
            ],
        ));
        decisions.add(gold("b", &[("1", "●", &[1]), ("4", "x", &[1]), ("3", "今\n行", &[2])]));
        let mut on = |id, text| format!("{:?}", decisions.on(&long(id, "問7", "東京都", text)));
        assert!(on("1", "●").starts_with("People([\"a\", \"b\"]"));
        assert!(on("2", "-遅い").starts_with("People([\"a\"]"));
        assert!(on("3", "今\r\n行").starts_with("People([\"b\"]"), "the text of b is the one of today");
        assert!(on("4", "x").starts_with("Conflict([(\"a\""));
        assert!(on("2", "早い").starts_with("Stale([(\"a\""));
        assert_eq!(on("5", "●"), "Rules");
        let unmet: Vec<_> = decisions.unmet().map(|(file, decision)| (file, decision.id.as_str())).collect();
        assert_eq!(unmet, [("a", "9")]);
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
