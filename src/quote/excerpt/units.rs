//! What an answer is cut into before anything is chosen: sentences, and clauses of long ones.

use super::{SENTENCE_CHARS, WINDOW_CHARS, chars, within};
use crate::quote::brackets::Brackets;
use crate::quote::reading;
use crate::sentence::{Scope, Scopes};
use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::Tokens;

/// What is quoted as a whole or not at all: a sentence, a clause of a long one, or several that share a pair of
/// brackets.
pub(super) struct Unit {
    pub(super) norm: Span<Norm>,
    pub(super) orig: Span<Orig>,
    /// Characters of the original.
    pub(super) chars: usize,
    /// Whether a note of its own begins here: an item or a line.
    pub(super) opens: bool,
    /// Whether a sentence ends here, not just a clause.
    pub(super) ends: bool,
}

/// The units of an answer, in order. A break inside a pair of brackets doesn't count.
pub(super) fn units(text: &str, normalised: &Normalised, tokens: Tokens<'_>, scopes: &Scopes) -> Vec<Unit> {
    let norm_text = normalised.text();
    let mut pairs = Brackets::of(norm_text).pairs;
    // A bracket left open may find its partner pages later; that is a slip, not a pair.
    pairs.retain(|pair| norm_text[pair.clone()].chars().count() <= WINDOW_CHARS);
    pairs.sort_unstable_by_key(|pair| pair.start);
    let mut pairs = pairs.into_iter().peekable();
    let mut bracketed_to = 0;
    let mut units: Vec<Unit> = Vec::with_capacity(scopes.sentences().len());
    for (part, ends) in pieces(text, normalised, tokens, scopes) {
        while let Some(pair) = pairs.next_if(|pair| pair.start < part.start()) {
            bracketed_to = pair.end.max(bracketed_to);
        }
        let orig = normalised.map().to_original(part);
        match units.last_mut() {
            Some(last) if part.start() < bracketed_to => {
                last.norm = last.norm.cover(part);
                last.orig = last.orig.cover(orig);
                last.chars = chars(text, last.orig);
                last.ends = ends;
            }
            last => {
                let gap = last.map_or(0, |last| last.norm.end())..part.start();
                let opens = norm_text[gap].contains('\n') || item_mark(&norm_text[part.range()]) > 0;
                units.push(Unit { norm: part, orig, chars: chars(text, orig), opens, ends });
            }
        }
    }
    units
}

/// The sentences, each with whether it ends one. Those that are too long come as their clauses; in answers without 。,
/// a comma behind a finite predicate (止まる、遅い) ends a sentence.
fn pieces(
    text: &str,
    normalised: &Normalised,
    tokens: Tokens<'_>,
    scopes: &Scopes,
) -> Vec<(Span<Norm>, bool)> {
    let mut pieces = Vec::with_capacity(scopes.sentences().len());
    let has_stops = normalised.text().contains('。');
    for &sentence in scopes.sentences() {
        let is_long = chars(text, normalised.map().to_original(sentence)) > SENTENCE_CHARS;
        if has_stops && !is_long {
            pieces.push((sentence, true));
            continue;
        }
        let mut start = sentence.start();
        for at in within(tokens, sentence).skip(1) {
            let is_stop = !has_stops
                && tokens.surface(at - 1) == "、"
                && at.checked_sub(2).is_some_and(|before| reading::is_finite(tokens, before));
            let is_clause = is_long && scopes.unit(Scope::Clause, at) != scopes.unit(Scope::Clause, at - 1);
            // A comma that follows belongs to the clause it ends.
            if (is_stop || is_clause) && tokens.surface(at).contains(reading::is_word_char) {
                pieces.push((Span::new(start, tokens.tokens[at - 1].span.end()), is_stop));
                start = tokens.tokens[at].span.start();
            }
        }
        pieces.push((Span::new(start, sentence.end()), true));
    }
    pieces
}

/// Length in bytes of the marks, with the blanks around them, that open an item at the start of normalised text.
pub(super) fn item_mark(text: &str) -> usize {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let is_mark = match c {
            '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿' => true,
            '・' | '→' | '※' | '◎' | '■' | '◆' | '□' | '◇' | '★' | '☆' => true,
            // ○○市 and ○が出る speak of places and signs.
            '○' => {
                after.chars().next().is_some_and(|next| !"○市県区町村はがをのでにともや、」)".contains(next))
            }
            _ => false,
        };
        if !is_mark {
            break;
        }
        rest = after.trim_start();
    }
    text.len() - rest.len()
}
