//! Brackets and quotation marks: which have their partner, so that no excerpt cuts a pair.

use std::ops::Range;

/// The brackets of a normalised text.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// Byte ranges from the opening to behind the closing one, inner pairs before outer ones.
    pub(super) pairs: Vec<Range<usize>>,
    /// Whether a bracket has no partner.
    pub(super) has_lonely: bool,
}

impl Brackets {
    /// How many brackets left open are searched for a partner; keeps texts of brackets only linear.
    const DEPTH: usize = 8;

    pub(super) fn of(text: &str) -> Self {
        let mut found = Brackets::default();
        let mut open: Vec<(char, usize)> = Vec::new();
        for (at, c) in text.char_indices() {
            let closing = match c {
                '「' => '」',
                '『' => '』',
                '(' => ')',
                '[' => ']',
                '【' => '】',
                '〔' => '〕',
                '〈' => '〉',
                '《' => '》',
                '」' | '』' | ')' | ']' | '】' | '〕' | '〉' | '》' => {
                    match open.iter().rev().take(Self::DEPTH).position(|&(wanted, _)| wanted == c) {
                        Some(above) => {
                            found.has_lonely |= above > 0;
                            open.truncate(open.len() - above);
                            found.pairs.extend(open.pop().map(|(_, start)| start..at + c.len_utf8()));
                        }
                        // 1) 2) number the items of a list.
                        None => found.has_lonely |= !text[..at].ends_with(|c: char| c.is_ascii_digit()),
                    }
                    continue;
                }
                _ => continue,
            };
            open.push((closing, at));
        }
        found.has_lonely |= !open.is_empty();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_find_their_partners() {
        for (text, pairs, has_lonely) in [
            ("a(b)c", 1, false),
            ("「(」", 1, true),
            ("(「a」)", 2, false),
            ("1)a 2)b", 0, false),
            ("a)", 0, true),
            ("(a", 0, true),
        ] {
            let found = Brackets::of(text);
            assert_eq!((found.pairs.len(), found.has_lonely), (pairs, has_lonely), "{text}");
        }
    }
}
