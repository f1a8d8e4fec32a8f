//! A candidate: the excerpt that would stand for a comment in a category, with what is needed to judge it.
//!
//! Made on the worker threads, where the tokens are. A candidate outlives them: it owns its words as text, because
//! the numbers of lexemes mean nothing outside their worker.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::classify::{Tag, Tagging};
use crate::comment::Comment;
use crate::matcher::Analyser;
use crate::quote::excerpt::{Answer, Brackets, Slice};
use crate::rule::CategoryId;
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::{Class, Lexeme, Tokens};

/// An excerpt that might represent a category.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub(super) category: CategoryId,
    pub(super) source: Source,
    pub(super) bag: Bag,
    pub(super) form: Form,
    /// How many places in the comment gave it the category.
    pub(super) evidence: usize,
    /// Hash of the excerpt's normalised characters without blanks, 、 and 。: equal for excerpts that read the same.
    pub(super) fingerprint: u64,
}

/// Where a candidate is cut from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) comment: Comment,
    pub(super) excerpts: Vec<Span<Orig>>,
}

/// Base forms of an excerpt's content words, sorted, one a line, each as often as it occurs. One allocation instead
/// of one per word: there are millions of candidates, and most are dropped at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Bag(Box<str>);

/// What the words of an excerpt don't tell: whether it can be read alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Characters of the original, without the … between slices.
    pub(super) chars: usize,
    /// Whether it ends in a finite predicate (困った。) or a noun of action or quality (再起動。不便).
    pub(super) is_complete: bool,
    /// Whether it opens with a word that leans on what went before: その, また, 上記.
    pub(super) is_leaning: bool,
    /// Whether every bracket has its partner.
    pub(super) is_balanced: bool,
}

/// Appends the candidates of `comment`, one per tag of `tagging` (in the same order). `analyser` must have analysed
/// the text of this very comment last.
pub fn candidates_of(comment: &Comment, tagging: &Tagging, analyser: &Analyser, out: &mut Vec<Candidate>) {
    if tagging.is_empty() {
        return;
    }
    let answer = Answer::new(comment.text(), analyser.normalised(), analyser.scopes().sentences());
    for tag in &tagging.tags {
        let slices = answer.excerpt(&tag.evidence);
        if !slices.is_empty() {
            out.push(Candidate::new(comment, tag, &slices, analyser.normalised(), analyser.tokens()));
        }
    }
}

impl Candidate {
    fn new(
        comment: &Comment,
        tag: &Tag,
        slices: &[Slice],
        normalised: &Normalised,
        tokens: Tokens<'_>,
    ) -> Self {
        let within = |norm: Span<Norm>| {
            let start = tokens.tokens.partition_point(|token| token.span.start() < norm.start());
            let end = tokens.tokens.partition_point(|token| token.span.end() <= norm.end());
            start..end.max(start)
        };
        let words = slices.iter().flat_map(|slice| within(slice.norm)).map(|at| tokens.lexeme(at));
        let excerpts: Vec<Span<Orig>> = slices.iter().map(|slice| slice.orig).collect();
        let parts: Vec<&str> = slices.iter().map(|slice| &normalised.text()[slice.norm.range()]).collect();
        let (first, last) = (slices[0].norm, slices[slices.len() - 1].norm);
        Candidate {
            category: tag.category,
            bag: Bag::of(words.filter(|word| word.is_content()).map(|word| &*word.base)),
            form: Form {
                chars: excerpts.iter().map(|span| comment.text()[span.range()].chars().count()).sum(),
                is_complete: within(last).rev().find_map(|at| closes(tokens, at)).unwrap_or(false),
                is_leaning: normalised.text()[..first.start()].trim_end().ends_with('→')
                    || tokens.tokens[within(first)]
                        .first()
                        .is_some_and(|token| leans(&tokens.lexicon[token.lexeme])),
                is_balanced: parts.iter().all(|part| !Brackets::of(part).has_lonely),
            },
            source: Source { comment: comment.clone(), excerpts },
            evidence: tag.evidence.len(),
            fingerprint: fingerprint(&parts),
        }
    }
}

/// Whether the token ends a statement; `None` for tokens that say nothing about it: 。, 」, ね.
fn closes(tokens: Tokens<'_>, at: usize) -> Option<bool> {
    let lexeme = tokens.lexeme(at);
    // By character, because the dictionary takes ASCII signs for nouns of action.
    if !tokens.surface(at).contains(is_word_char)
        || lexeme.is_pos("助詞-終助詞")
        || lexeme.is_pos("助詞-副助詞／並立助詞／終助詞")
    {
        return None;
    }
    Some(match lexeme.class {
        // べき(べし) has a form for nouns only and ends statements with it.
        Class::Verb | Class::Adjective | Class::Auxiliary => {
            lexeme.form.contains("基本形") || lexeme.form.starts_with("命令") || &*lexeme.base == "べし"
        }
        Class::Noun => lexeme.is_pos("名詞-サ変接続") || lexeme.is_pos("名詞-形容動詞語幹"),
        _ => false,
    })
}

/// Words that, besides conjunctions, send the reader of an excerpt they open back to something not quoted.
const LEANING: &[&str] = &[
    "その",
    "この",
    "あの",
    "そんな",
    "こんな",
    "それ",
    "これ",
    "そこ",
    "ここ",
    "そう",
    "こう",
    "それで",
    "また",
    "上記",
    "同様",
    "同じく",
    "同上",
    "前述",
    "先述",
    "前記",
];

fn leans(lexeme: &Lexeme) -> bool {
    lexeme.class == Class::Conjunction || LEANING.contains(&&*lexeme.base)
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '●'
}

fn fingerprint(parts: &[&str]) -> u64 {
    let mut hasher = FxHasher::default();
    for c in
        parts.iter().flat_map(|part| part.chars()).filter(|&c| !c.is_whitespace() && c != '、' && c != '。')
    {
        hasher.write_u32(c.into());
    }
    hasher.finish()
}

impl Bag {
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        // The dictionary glues signs it doesn't know to one another (●() and takes ASCII ones for nouns of action.
        let trimmed = words.map(|word| word.trim_matches(|c| !is_word_char(c)));
        let mut words: Vec<&str> = trimmed.filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        Bag(words.join("\n").into())
    }

    /// Each word with how often it occurs, sorted by word.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, u32)> {
        let mut words = self.0.split('\n').filter(|word| !word.is_empty()).peekable();
        std::iter::from_fn(move || {
            let word = words.next()?;
            let mut count = 1;
            while words.next_if_eq(&word).is_some() {
                count += 1;
            }
            Some((word, count))
        })
    }
}

impl Source {
    /// Whether both are cut from one answer. Several inputs may number their rows alike; then the texts differ.
    pub(super) fn is_same_answer(&self, other: &Self) -> bool {
        let (a, b) = (&self.comment, &other.comment);
        a.row().number == b.row().number && a.text_column() == b.text_column() && a.text() == b.text()
    }

    /// Whether both are one respondent's: the id is the same, or the row where the id cell is blank.
    pub(super) fn is_same_respondent(&self, other: &Self) -> bool {
        let (a, b) = (self.comment.id(), other.comment.id());
        if a.trim().is_empty() { self.comment.row().number == other.comment.row().number } else { a == b }
    }
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use crate::export::fixture::category;

    /// A candidate that quotes all of `comment` and reads well, with these words.
    pub(in crate::quote) fn candidate(index: usize, comment: &Comment, words: &str) -> Candidate {
        let text = comment.text();
        Candidate {
            category: category(index),
            source: Source { comment: comment.clone(), excerpts: vec![Span::new(0, text.len())] },
            bag: Bag::of(words.split(' ')),
            form: Form { chars: 30, is_complete: true, is_leaning: false, is_balanced: true },
            evidence: 1,
            fingerprint: fingerprint(&[text]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{plain, tagging};
    use crate::tokenize::Tokenizer;

    /// The candidates of `text`, whose category `n` has the `n`-th part as evidence.
    fn candidates(analyser: &mut Analyser, text: &str, parts: &[&str]) -> Vec<Candidate> {
        let comment = plain(1, text);
        let evidence: Vec<[&str; 1]> = parts.iter().map(|&part| [part]).collect();
        let tags: Vec<(usize, &[&str])> =
            evidence.iter().enumerate().map(|(at, part)| (at, &part[..])).collect();
        analyser.analyse(text);
        let mut out = Vec::new();
        candidates_of(&comment, &tagging(text, &tags), analyser, &mut out);
        out
    }

    fn analyser() -> Analyser {
        Analyser::new(&Tokenizer::embedded().unwrap())
    }

    #[test]
    fn each_tag_gets_the_words_of_its_own_excerpt() {
        let text = "①カードリーダーが（朝から！）止まる\n②負担割合の表示と実際の負担割合が違う";
        let found = candidates(&mut analyser(), text, &["止まる", "負担割合の表示"]);
        let words =
            |at: usize| found[at].bag.counts().map(|(word, n)| format!("{word}{n}")).collect::<Vec<_>>();
        assert_eq!(words(0), ["カードリーダー1", "朝1", "止まる1"]);
        assert_eq!(words(1), ["表示1", "負担割合2", "違う1"]);
        assert_eq!(found.iter().map(|candidate| candidate.form.chars).collect::<Vec<_>>(), [17, 18]);
    }

    #[test]
    fn the_form_tells_whether_an_excerpt_can_stand_alone() {
        let analyser = &mut analyser();
        let mut form = |text: &str| candidates(analyser, text, &["認証"])[0].form;
        for (text, is_complete) in [
            ("顔認証ができない", true),
            ("顔認証に失敗しました。", true),
            ("顔認証が遅いですね！", true),
            ("顔認証が通らず受付を中断。", true),
            ("顔認証が大変", true),
            ("顔認証を続けてください", true),
            ("「顔認証は嫌だ。」", true),
            ("顔認証は廃止するべき", true),
            ("顔認証が通らないため", false),
            ("顔認証に失敗して、", false),
            ("顔認証のできない高齢者", false),
        ] {
            assert_eq!(form(text).is_complete, is_complete, "{text}");
        }
        for (text, is_leaning) in [
            ("しかし顔認証ができない", true),
            ("その顔認証ができない", true),
            ("これは顔認証だけの話だ", true),
            ("上記の顔認証ができない", true),
            ("→顔認証ができない", true),
            ("顔認証がまたできない", false),
        ] {
            assert_eq!(form(text).is_leaning, is_leaning, "{text}");
        }
        assert!(form("「顔認証」ができない").is_balanced);
        assert!(!form("顔認証」ができない").is_balanced);
    }

    #[test]
    fn answers_that_read_the_same_have_one_fingerprint() {
        let analyser = &mut analyser();
        let mut print = |text: &str| candidates(analyser, text, &["でき"])[0].fingerprint;
        assert_eq!(print("顔認証が、できない。"), print("・顔 認 証ができない"));
        assert_ne!(print("顔認証ができない"), print("顔認証ができた"));
    }
}
