//! What a token is: a stretch of the normalised text and the dictionary word it was read as.
//!
//! Reading a word's details out of the dictionary costs more than finding the word, so each word is looked up once
//! per worker and kept as a [`Lexeme`]; a [`Token`] is an offset pair and the lexeme's number.

use std::ops::Range;

use crate::span::{Norm, Span};

/// Number of a lexeme in the [`Lexicon`] of one worker. Not comparable between workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LexemeId(pub(crate) u32);

impl LexemeId {
    /// Index into tables kept beside the lexicon.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The first level of IPADIC's parts of speech (品詞).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the definitions")]
pub enum Class {
    Noun,
    Verb,
    Adjective,
    Adverb,
    Auxiliary,
    Particle,
    Conjunction,
    Adnominal,
    Prefix,
    Interjection,
    Symbol,
    Other,
}

impl Class {
    fn of(name: &str) -> Self {
        match name {
            "名詞" => Class::Noun,
            "動詞" => Class::Verb,
            "形容詞" => Class::Adjective,
            "副詞" => Class::Adverb,
            "助動詞" => Class::Auxiliary,
            "助詞" => Class::Particle,
            "接続詞" => Class::Conjunction,
            "連体詞" => Class::Adnominal,
            "接頭詞" => Class::Prefix,
            "感動詞" | "フィラー" => Class::Interjection,
            "記号" => Class::Symbol,
            _ => Class::Other,
        }
    }
}

/// A word as the dictionary knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexeme {
    /// Base form (原形). Words the dictionary doesn't know, and words it gives none for, have their surface here.
    pub base: Box<str>,
    /// Part of speech, its levels joined by `-`: `名詞-サ変接続`.
    pub pos: Box<str>,
    /// The first level of `pos`.
    pub class: Class,
    /// Conjugation type (活用型) such as 一段; empty for words that don't conjugate.
    pub conjugation: Box<str>,
    /// Conjugation form (活用形) such as 未然形; empty for words that don't conjugate.
    pub form: Box<str>,
    /// Reading in katakana; empty where unknown.
    pub reading: Box<str>,
    /// Whether the dictionary had no entry and guessed.
    pub is_unknown: bool,
}

impl Lexeme {
    /// A lexeme from the detail columns of IPADIC's schema: four levels of part of speech, conjugation type and
    /// form, base form, reading, pronunciation. Missing columns count as `*`.
    pub(crate) fn from_details<'a>(
        surface: &str,
        details: impl Iterator<Item = &'a str>,
        is_unknown: bool,
    ) -> Self {
        let mut fields = [""; 9];
        for (field, detail) in fields.iter_mut().zip(details) {
            *field = if detail == "*" { "" } else { detail };
        }
        let levels: Vec<&str> = fields[..4].iter().copied().filter(|level| !level.is_empty()).collect();
        Lexeme {
            base: if fields[6].is_empty() { surface } else { fields[6] }.into(),
            pos: levels.join("-").into(),
            class: Class::of(fields[0]),
            conjugation: fields[4].into(),
            form: fields[5].into(),
            reading: fields[7].into(),
            is_unknown,
        }
    }

    /// Whether the part of speech is `pos` or a kind of it: `名詞-固有名詞-人名` is a 名詞 and a 名詞-固有名詞.
    pub fn is_pos(&self, pos: &str) -> bool {
        self.pos.strip_prefix(pos).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// Whether the word conjugates.
    pub fn is_inflected(&self) -> bool {
        !self.conjugation.is_empty()
    }

    /// Whether the word carries a topic: nouns, verbs and adjectives of their own, no particles, figures, pronouns or
    /// helpers such as こと and いる.
    pub fn is_content(&self) -> bool {
        // IPADIC takes signs it doesn't know for nouns.
        if !self.base.contains(char::is_alphanumeric) {
            return false;
        }
        match self.class {
            Class::Noun => {
                !["名詞-非自立", "名詞-代名詞", "名詞-数", "名詞-接尾", "名詞-接続詞的", "名詞-特殊"]
                    .iter()
                    .any(|pos| self.is_pos(pos))
            }
            Class::Verb => {
                self.is_pos("動詞-自立")
                    && !matches!(&*self.base, "する" | "ある" | "なる" | "いる" | "できる")
            }
            Class::Adjective => self.is_pos("形容詞-自立") && &*self.base != "ない",
            _ => false,
        }
    }
}

/// The lexemes one worker has met.
#[derive(Debug, Default)]
pub struct Lexicon {
    lexemes: Vec<Lexeme>,
}

impl Lexicon {
    pub(crate) fn add(&mut self, lexeme: Lexeme) -> LexemeId {
        let id = LexemeId(u32::try_from(self.lexemes.len()).expect("a lexicon is reset long before"));
        self.lexemes.push(lexeme);
        id
    }

    pub(crate) fn clear(&mut self) {
        self.lexemes.clear();
    }

    /// How many lexemes there are.
    pub fn len(&self) -> usize {
        self.lexemes.len()
    }

    /// Whether no word has been met yet.
    pub fn is_empty(&self) -> bool {
        self.lexemes.is_empty()
    }
}

impl std::ops::Index<LexemeId> for Lexicon {
    type Output = Lexeme;

    fn index(&self, id: LexemeId) -> &Lexeme {
        &self.lexemes[id.index()]
    }
}

/// One token (形態素) of a normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Where it stands, in bytes of the normalised text. Blanks belong to no token.
    pub span: Span<Norm>,
    /// The word it was read as.
    pub lexeme: LexemeId,
}

/// A tokenized text, for as long as its worker isn't given another one.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'t> {
    /// The normalised text.
    pub text: &'t str,
    /// Its tokens, by position.
    pub tokens: &'t [Token],
    /// The words the tokens refer to.
    pub lexicon: &'t Lexicon,
}

impl<'t> Tokens<'t> {
    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the text has no token.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The word at position `at`.
    pub fn lexeme(&self, at: usize) -> &'t Lexeme {
        &self.lexicon[self.tokens[at].lexeme]
    }

    /// The word at position `at`, if the text is that long.
    pub fn get(&self, at: usize) -> Option<&'t Lexeme> {
        self.tokens.get(at).map(|token| &self.lexicon[token.lexeme])
    }

    /// The positions of the tokens that a range of the text, in bytes, touches.
    pub fn touching(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.tokens.partition_point(|token| token.span.end() <= range.start);
        let end = self.tokens.partition_point(|token| token.span.start() < range.end);
        start..end.max(start)
    }

    /// How the text is cut around a range of it, as `暗証番号|を`.
    pub fn cut_around(&self, range: &Range<usize>) -> String {
        self.touching(range).map(|at| self.surface(at)).collect::<Vec<_>>().join("|")
    }

    /// One past the last token of the form that the conjugating word before `end` begins, with its helpers: 言わ|れ|た,
    /// 立ち上がら|ず, 混ん|で|いる. `None` where the token before `end` doesn't conjugate.
    pub fn form_end(&self, end: usize) -> Option<usize> {
        let last = self.get(end.checked_sub(1)?)?;
        let helps = |at: &usize| {
            let lexeme = self.lexeme(*at);
            let links = || self.get(at + 1).is_some_and(|next| next.is_pos("動詞-非自立"));
            let is_helper = match lexeme.class {
                Class::Auxiliary => true,
                Class::Verb => !lexeme.is_pos("動詞-自立"),
                Class::Particle => matches!(self.surface(*at), "て" | "で") && links(),
                _ => false,
            };
            // A form is written without blanks.
            is_helper && self.tokens[*at].span.start() == self.tokens[at - 1].span.end()
        };
        last.is_inflected().then(|| end + (end..self.len()).take_while(helps).count())
    }

    /// The normalised text of the token at position `at`.
    pub fn surface(&self, at: usize) -> &'t str {
        &self.text[self.tokens[at].span.range()]
    }
}

#[cfg(test)]
mod tests {
    use crate::matcher::Analyser;
    use crate::tokenize::Tokenizer;

    #[test]
    fn a_form_ends_with_its_last_helper() {
        let mut analyser = Analyser::new(&Tokenizer::embedded().unwrap());
        for (text, beginning, form) in [
            ("苦情を言われた。", "言わ", Some("言われた")),
            ("機器が立ち上がらず、待つ", "立ち上がら", Some("立ち上がらず")),
            ("受付が混んでいた", "混ん", Some("混んでいた")),
            ("確認できて良かった", "でき", Some("でき")),
            ("反応しない事が多い", "し", Some("しない")),
            ("エラーが出る", "エラー", None),
        ] {
            analyser.analyse(text);
            let tokens = analyser.tokens();
            let at = (0..tokens.len()).find(|&at| tokens.surface(at) == beginning).unwrap();
            let found = tokens
                .form_end(at + 1)
                .map(|end| &tokens.text[tokens.tokens[at].span.start()..tokens.tokens[end - 1].span.end()]);
            assert_eq!(found, form, "{text}");
        }
    }
}
