//! Why a comment has the categories it has, and why it lacks the others.
//!
//! An [`Explanation`] follows the data: the normalised text, its tokens with the polarity of each predicate, then the
//! categories, each with its evidence and its conditions as trees ([`tree`]) that say of every part whether it holds,
//! where, and why not. A category that doesn't apply also names its closest rule, by [`near_miss`].
//!
//! Everything here can be serialised; the fields are the schema that `docs/output.md` specifies. Offsets count Unicode
//! scalar values of the original text.

pub mod near_miss;
pub mod tree;

use serde::Serialize;

use crate::comment::{Comment, Status};
use crate::matcher::Worker;
use crate::matcher::polarity::{Polarity, predicates};
use crate::rule::{CategoryId, Rulebook};
use crate::sentence::Scope;
use crate::span::{Orig, Span};
use tree::Part;

/// A place in the original text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What stands there.
    pub text: String,
}

impl Place {
    fn new(text: &str, span: Span<Orig>) -> Self {
        let start = text[..span.start()].chars().count();
        let found = &text[span.range()];
        Place { start, end: start + found.chars().count(), text: found.to_owned() }
    }
}

/// Everything there is to say about a comment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The respondent's id.
    pub id: String,
    /// The question answered.
    pub question: String,
    /// The answer, verbatim.
    pub text: String,
    /// `answered`, `empty` or `nothing`; only an answered comment has tokens and categories.
    pub status: &'static str,
    /// The text as it is matched.
    pub normalised: String,
    /// Its tokens.
    pub tokens: Vec<TokenView>,
    /// The categories explained, in the order of the rulebook, those that apply first.
    pub categories: Vec<CategoryView>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// As it stands in the normalised text.
    pub surface: String,
    /// Base form.
    pub base: String,
    /// Part of speech.
    pub pos: String,
    /// Conjugation form; empty where there is none.
    pub form: String,
    /// Number of its sentence, from 1.
    pub sentence: u32,
    /// Number of its clause within the sentence, from 1.
    pub clause: u32,
    /// What it says, if it is a predicate.
    pub predicate: Option<PredicateView>,
}

/// A predicate with its polarity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PredicateView {
    /// Whether it is denied.
    pub denied: bool,
    /// The word with its denial, in the normalised text.
    pub text: String,
}

/// One category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryView {
    /// Its id.
    pub id: String,
    /// Its Japanese name.
    pub name: String,
    /// Whether the comment has it.
    pub applies: bool,
    /// Why it has it.
    pub evidence: Vec<EvidenceView>,
    /// Why it hasn't.
    pub miss: Option<MissView>,
    /// Its rules.
    pub rules: Vec<RuleView>,
    /// What takes evidence back within its sentence, if the category has such conditions.
    pub not: Option<Part>,
}

/// A place that satisfies a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceView {
    /// The rule's label.
    pub rule: String,
    /// The place.
    #[serde(flatten)]
    pub place: Place,
}

/// The rule that came closest, and what was in its way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissView {
    /// The rule's label; `None` where no word of any rule was found.
    pub rule: Option<String>,
    /// From 0 (nothing found) to 1 (all found, but not as asked for).
    pub closeness: f64,
    /// What was in the way, in Japanese.
    pub obstacle: String,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleView {
    /// Its label.
    pub label: String,
    /// Its condition.
    pub condition: Part,
}

/// Which categories to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'w> {
    /// Those that apply, and the few that came closest.
    Telling,
    /// These.
    These(&'w [CategoryId]),
}

/// Categories that came close, named beside those that apply.
const CLOSE: usize = 5;

/// Closeness above which a category is worth naming. One of the two words of a `near` is half of it, and says little.
const CLOSE_ENOUGH: f64 = 0.5;

/// Explains `comment`. It is tagged anew by `worker`, which must be of `rulebook`.
pub fn explain(
    comment: &Comment,
    wanted: Wanted<'_>,
    worker: &mut Worker<'_>,
    rulebook: &Rulebook,
) -> Explanation {
    let tagging = worker.tag(comment);
    let is_answered = comment.status() == Status::Answered;
    let mut explanation = Explanation {
        id: comment.id().into_owned(),
        question: comment.question().to_owned(),
        text: comment.text().to_owned(),
        status: comment.status().as_str(),
        normalised: String::new(),
        tokens: Vec::new(),
        categories: Vec::new(),
    };
    if !is_answered {
        return explanation;
    }
    explanation.normalised = worker.analyser().tokens().text.to_owned();
    explanation.tokens = tokens(worker);
    let (applying, lacking): (Vec<CategoryId>, Vec<CategoryId>) = match wanted {
        Wanted::These(categories) => categories.to_vec(),
        Wanted::Telling => rulebook.category_ids().collect(),
    }
    .into_iter()
    .partition(|&category| tagging.get(category).is_some());
    for category in applying {
        let evidence = tagging.get(category).map_or(&[][..], |tag| &tag.evidence);
        let evidence = evidence.iter().map(|evidence| EvidenceView {
            rule: rulebook.rule_label(evidence.rule).to_owned(),
            place: Place::new(comment.text(), evidence.span),
        });
        let mut view = view(category, comment, worker, rulebook);
        view.evidence = evidence.collect();
        view.applies = true;
        explanation.categories.push(view);
    }
    let mut misses: Vec<_> = lacking
        .into_iter()
        .map(|category| (category, near_miss::closest(category, comment, worker, rulebook)))
        .collect();
    if wanted == Wanted::Telling {
        misses.retain(|(_, (closeness, _))| *closeness > CLOSE_ENOUGH);
        // Stable: equally close categories stay in the order of the rulebook.
        misses.sort_by(|(_, (a, _)), (_, (b, _))| b.total_cmp(a));
        misses.truncate(CLOSE);
    }
    for (category, (closeness, miss)) in misses {
        let mut view = view(category, comment, worker, rulebook);
        view.miss = Some(MissView { rule: miss.rule, closeness, obstacle: miss.obstacle.describe() });
        explanation.categories.push(view);
    }
    explanation
}

/// A category with its conditions as they stand in the comment tagged last.
fn view(
    category: CategoryId,
    comment: &Comment,
    worker: &mut Worker<'_>,
    rulebook: &Rulebook,
) -> CategoryView {
    let mut trees = tree::Trees { comment, worker, rulebook };
    let rules = rulebook
        .rules_of(category)
        .map(|(label, trace)| RuleView { label: label.to_owned(), condition: trees.part(trace) })
        .collect();
    let not = rulebook.exclusion_of(category).map(|trace| trees.part(trace));
    let category = rulebook.category(category);
    CategoryView {
        id: category.id.clone(),
        name: category.name.clone(),
        applies: false,
        evidence: Vec::new(),
        miss: None,
        rules,
        not,
    }
}

fn tokens(worker: &Worker<'_>) -> Vec<TokenView> {
    let tokens = worker.analyser().tokens();
    let scopes = worker.analyser().scopes();
    let unit = |scope, at| scopes.unit(scope, at);
    let mut opening = 0;
    let mut views: Vec<TokenView> = (0..tokens.len())
        .map(|at| {
            let lexeme = tokens.lexeme(at);
            if unit(Scope::Sentence, at) != unit(Scope::Sentence, opening) {
                opening = at;
            }
            TokenView {
                surface: tokens.surface(at).to_owned(),
                base: lexeme.base.to_string(),
                pos: lexeme.pos.to_string(),
                form: lexeme.form.to_string(),
                sentence: unit(Scope::Sentence, at) + 1,
                clause: unit(Scope::Clause, at) - unit(Scope::Clause, opening) + 1,
                predicate: None,
            }
        })
        .collect();
    for found in predicates(tokens) {
        let span = tokens.tokens[found.token].span.cover(tokens.tokens[found.end - 1].span);
        views[found.token].predicate = Some(PredicateView {
            denied: found.polarity == Polarity::Denied,
            text: tokens.text[span.range()].to_owned(),
        });
    }
    views
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::compile;
    use crate::tokenize::Tokenizer;

    const RULES: &str = "
        [[category]]
        id = 'face-auth'
        name = '顔認証失敗'
        rule = '''
        near(顔認証, 否定(できる | 通る), !兄弟)[文4]
        または 順に(マスク, エラー)[節]
        または 回数(カメラ) >= 2
        または 受付-->動詞
        または 証番号
        または 列(都道府県, '東京都')
        または <pin>
        '''
        not = ['練習']

        [[category]]
        id = 'pin'
        name = '暗証番号'
        any = ['暗証番号を忘れる', '番号忘れ']
    ";

    /// The explanation of `text`, and the parts of face-auth that fail, each with its reason.
    fn explained(text: &str, wanted: &[usize]) -> (Explanation, Vec<String>) {
        let tokenizer = Tokenizer::embedded().unwrap();
        let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text: RULES.to_owned() });
        let rulebook = compile(&[file], &tokenizer).rulebook.expect("the rules are sound");
        let ids: Vec<CategoryId> = rulebook.category_ids().collect();
        let ids: Vec<CategoryId> = wanted.iter().map(|&at| ids[at]).collect();
        let wanted = if ids.is_empty() { Wanted::Telling } else { Wanted::These(&ids) };
        let mut worker = Worker::new(&rulebook, &tokenizer);
        let found = explain(&Comment::from_text(text), wanted, &mut worker, &rulebook);
        let mut reasons = Vec::new();
        let view = found.categories.iter().find(|view| view.id == "face-auth");
        for rule in view.map_or(&[][..], |view| &view.rules) {
            collect(&rule.condition, &mut reasons);
        }
        (found, reasons)
    }

    fn collect(part: &Part, reasons: &mut Vec<String>) {
        if let Some(reason) = &part.reason {
            reasons.push(reason.clone());
        }
        for part in &part.parts {
            collect(part, reasons);
        }
    }

    #[test]
    fn every_part_that_fails_says_why() {
        for (text, wanted) in [
            ("顔認証ができた", "「でき」は肯定"),
            ("顔認証を試した後で窓口のほうへ回られ、受付ができない", "間が 14 語（4 まで）"),
            ("顔認証の話。受付ができない", "別の文にある"),
            ("兄弟の顔認証ができない", "「兄弟」がある"),
            ("エラーの後でマスク", "順序が違うか、重なっている"),
            ("カメラ", "当たった所は 1 か所"),
            ("受付", "「受付」は名詞-サ変接続"),
            ("暗証番号", "文字はあるが、区切りは「暗証番号」"),
            ("受付", "列「都道府県」がない"),
            ("受付", "「暗証番号」は付いていない"),
        ] {
            let (_, reasons) = explained(text, &[0]);
            assert!(reasons.iter().any(|reason| reason == wanted), "{text}: {reasons:?}");
        }
    }

    #[test]
    fn what_applies_comes_first_and_what_came_close_is_named() {
        let (found, _) = explained("暗証番号を忘れた。顔認証ができた", &[]);
        let said: Vec<_> = found.categories.iter().map(|view| (&*view.id, view.applies)).collect();
        // <pin> makes face-auth apply as well.
        assert_eq!(said, [("face-auth", true), ("pin", true)]);
        let (found, _) = explained("顔認証ができた", &[]);
        let miss = found.categories[0].miss.as_ref().unwrap();
        assert_eq!((miss.rule.as_deref(), &*miss.obstacle), (Some("face-auth/1"), "否定(できる | 通る)"));
        assert_eq!(found.categories.len(), 1, "nothing of pin is there");
        let (found, _) = explained("練習で顔認証ができない", &[0]);
        assert_eq!(found.categories[0].miss.as_ref().unwrap().obstacle, "not が打ち消した: 「練習」");
        assert!(found.categories[0].not.as_ref().is_some_and(|not| not.holds));
    }

    #[test]
    fn tokens_carry_sentence_clause_and_polarity() {
        let (found, _) = explained("顔 認 証 ができず、困る。次へ", &[]);
        assert_eq!(found.normalised, "顔認証ができず、困る。次へ");
        let denied = found.tokens.iter().find(|token| token.base == "できる").unwrap();
        let predicate = denied.predicate.as_ref().unwrap();
        assert_eq!((predicate.denied, &*predicate.text), (true, "できず"));
        let last = found.tokens.last().unwrap();
        assert_eq!((last.sentence, last.clause), (2, 1));
    }

    #[test]
    fn an_answer_that_says_nothing_has_nothing_to_explain() {
        let (found, _) = explained("特になし", &[]);
        assert_eq!((found.status, found.tokens.len(), found.categories.len()), ("nothing", 0, 0));
    }
}
