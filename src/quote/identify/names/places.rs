//! Places below prefecture.

use super::{Kind, REGIONS, is_area, span};
use crate::places::prefecture;
use crate::span::{Norm, Span};
use crate::token::Tokens;

/// 接尾辞 of municipalities.
const MUNICIPAL: &[&str] = &["市", "区", "町", "村", "郡"];

/// The name of a place below prefecture that begins at `at`.
pub(super) fn at(tokens: Tokens<'_>, at: usize, found: &mut Vec<(Kind, Span<Norm>)>) {
    let lexeme = tokens.lexeme(at);
    let before_suffix = at + 1 < tokens.len() && is_municipal(tokens, at + 1);
    let is_candidate = is_area(lexeme) || lexeme.is_pos("名詞-固有名詞") && before_suffix;
    if !is_candidate {
        return;
    }
    let word = tokens.surface(at);
    if REGIONS.contains(&word) {
        return;
    }
    if before_suffix {
        found.push((Kind::Place, span(tokens, at..at + 2)));
    } else if word.chars().count() >= 2
        && prefecture(word).is_none()
        && !(at + 1 < tokens.len()
            && matches!(tokens.surface(at + 1), "都" | "道" | "府" | "県" | "人" | "語"))
    {
        found.push((Kind::Place, span(tokens, at..at + 1)));
    }
}

fn is_municipal(tokens: Tokens<'_>, at: usize) -> bool {
    MUNICIPAL.contains(&tokens.surface(at))
        && tokens.tokens[at - 1].span.end() == tokens.tokens[at].span.start()
}
