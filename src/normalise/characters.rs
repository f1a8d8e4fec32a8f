//! Classes of characters, and those that stand for others.

/// Characters that stay as they are whatever surrounds them, unless a mark follows.
pub(super) fn is_plain(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '、' | '。' | '「' | '」' | '・' | '→' => true,
        'へ' | 'べ' | 'ぺ' | 'り' | 'ヘ' | 'ベ' | 'ペ' => false,
        'ぁ'..='ゖ' | 'ァ'..='ヺ' => true,
        '力' | '口' | '二' | '一' | '工' | '夕' | '卜' | '八' | '千' | '厶' => false,
        '\u{4E00}'..='\u{9FFF}' => true,
        _ => false,
    }
}

/// Marks that change the character before them: dakuten in all their code points, Latin accents, variation selectors.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309A}' | '゛' | '゜' | 'ﾞ' | 'ﾟ' | '\u{0300}'..='\u{036F}') || is_selector(c)
}

/// Variation selectors say how to draw a character, not which one it is.
pub(super) fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// The combining form of a mark: NFKC would turn the spacing ゛ into a blank and a mark.
pub(super) fn combining(c: char) -> char {
    match c {
        '゛' | 'ﾞ' => '\u{3099}',
        '゜' | 'ﾟ' => '\u{309A}',
        _ => c,
    }
}

/// Characters without a shape of their own.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}')
        || c.is_control()
}

pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | '─' | '━' | '﹣')
}

pub(super) fn is_ball(c: char) -> bool {
    matches!(c, '●' | '⚫' | '⬤' | '🌑' | '⏺')
}

/// Digits in a circle or in brackets: ① ⑴ ❶ open items, so NFKC (which makes them plain digits) must not touch them.
pub(super) fn is_item_digit(c: char) -> bool {
    matches!(c, '①'..='⑳' | '⑴'..='⒇' | '❶'..='❿')
}

/// Characters with one preferred form whatever surrounds them.
pub(super) fn folded(c: char) -> Option<&'static str> {
    Some(match c {
        '⇒' | '➡' | '➔' | '⇨' | '⟶' | '➜' | '▶' | '►' => "→",
        '•' | '‣' | '◦' | '∙' | '⋅' | '·' | '･' | '▪' => "・",
        '◯' | '〇' => "○",
        '､' => "、",
        '｡' => "。",
        '“' | '”' | '〝' | '〟' | '＂' => "\"",
        '‘' | '’' | '＇' => "'",
        _ => return None,
    })
}

/// Hiragana, not counting the signs between the blocks.
pub(crate) fn is_hiragana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ')
}

/// Katakana of either width, and the long vowel sign.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー' | 'ｦ'..='ﾟ')
}

/// Kanji, including the iteration mark 々.
pub(crate) fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '〆' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

pub(super) fn is_japanese(c: char) -> bool {
    is_hiragana(c) || is_katakana(c) || is_kanji(c) || is_ball(c)
}

pub(super) fn is_word_char(c: char) -> bool {
    is_japanese(c) || c.is_alphanumeric()
}
