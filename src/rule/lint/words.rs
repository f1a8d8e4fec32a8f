//! What the tokenizer makes of the rules' words.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::normalise::normalise;
use crate::rule::source::RuleFile;
use crate::token::Class;
use crate::tokenize::{Tokenizer, Worker};

/// A token of a word.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Where it ends, in bytes of the word.
    pub(super) end: usize,
    pub(super) base: Box<str>,
    pub(super) class: Class,
    pub(super) is_inflected: bool,
    /// Whether the dictionary has it.
    pub(super) is_known: bool,
}

/// Segments words, each once.
pub(super) struct Words {
    tokenizer: Worker,
    segmented: FxHashMap<String, Rc<[Piece]>>,
    /// The variant that each spelling belongs to.
    pub(super) variants: FxHashMap<String, String>,
}

impl Words {
    pub(super) fn new(files: &[RuleFile], tokenizer: &Tokenizer) -> Self {
        let mut variants = FxHashMap::default();
        for variant in files.iter().flat_map(|file| &file.variants) {
            for form in variant.forms.iter().chain([&variant.name]) {
                variants.insert(normalise(&form.text).text().to_owned(), variant.name.text.clone());
            }
        }
        Words { tokenizer: tokenizer.worker(), segmented: FxHashMap::default(), variants }
    }

    /// The tokens of a word, which must be normalised.
    pub(super) fn pieces(&mut self, word: &str) -> Rc<[Piece]> {
        if let Some(pieces) = self.segmented.get(word) {
            return Rc::clone(pieces);
        }
        let mut tokens = Vec::new();
        self.tokenizer.tokenize(word, &mut tokens);
        let lexicon = self.tokenizer.lexicon();
        let pieces: Rc<[Piece]> = tokens
            .iter()
            .map(|token| {
                let lexeme = &lexicon[token.lexeme];
                Piece {
                    end: token.span.end(),
                    base: lexeme.base.clone(),
                    class: lexeme.class,
                    is_inflected: lexeme.is_inflected(),
                    is_known: !lexeme.reading.is_empty(),
                }
            })
            .collect();
        self.segmented.insert(word.to_owned(), Rc::clone(&pieces));
        pieces
    }

    /// Whether a token of `word` begins or ends at this byte.
    pub(super) fn is_boundary(&mut self, word: &str, at: usize) -> bool {
        at == 0 || self.pieces(word).iter().any(|piece| piece.end == at)
    }
}
