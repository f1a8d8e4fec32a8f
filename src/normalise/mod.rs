//! Normalisation: the many ways of typing one thing become one, and every character remembers where it came from.
//!
//! Survey answers arrive from phones, FAX forms and OCR. Rule terms and texts pass through the same function, so an
//! author writes `顔認証` and finds `顔 認 証`; quotes and evidence stay verbatim because [`Normalised`] keeps the way
//! back. What is done, in one pass:
//!
//! - NFKC per cluster (`１０`, `ﾏｲﾅ`, `か゛`, `㈱`), ASCII in lower case; circled digits stay, they open items;
//! - look-alikes: hyphens and 一 used as a long vowel, 力ード, ⚫ ⬤ for ●, 〜 and ～, ⇒ and →, ，for 、;
//! - blanks inside words (`受 付`) and line breaks inside sentences (OCR) are dropped, others kept as one blank or
//!   one line break, which later count as the end of a clause or of a sentence;
//! - a ● that opens an item becomes `・`; any other ● is a character that could not be shown, and stays;
//! - invisible characters are dropped.

mod characters;

use unicode_normalization::UnicodeNormalization;

use crate::text::Normalised;
use characters::{
    combining, folded, is_ball, is_hyphen, is_invisible, is_item_digit, is_japanese, is_mark, is_plain,
    is_selector, is_word_char,
};
pub(crate) use characters::{is_hiragana, is_kanji, is_katakana};

/// The normalised form of `original`.
pub fn normalise(original: &str) -> Normalised {
    let mut out = Normalised::default();
    normalise_into(original, &mut out);
    out
}

/// Like [`normalise`], reusing the allocations of `out`, whose content is replaced.
pub fn normalise_into(original: &str, out: &mut Normalised) {
    out.clear();
    let mut pass = Pass { original, out, at: 0 };
    while pass.at < original.len() {
        pass.copy_plain_run();
        if let Some(c) = pass.peek() {
            pass.cluster(c);
        }
    }
}

/// A line of at least this many characters may have been broken by OCR rather than by its writer. Forms in this
/// field print 20 to 40 characters a line.
const BROKEN_LINE_CHARS: usize = 18;

struct Pass<'a> {
    original: &'a str,
    out: &'a mut Normalised,
    /// Everything before this byte of the original is done.
    at: usize,
}

impl Pass<'_> {
    fn peek(&self) -> Option<char> {
        self.original[self.at..].chars().next()
    }

    /// The last normalised character.
    fn before(&self) -> Option<char> {
        self.out.text().chars().next_back()
    }

    /// The original character that follows the first `len` bytes from here.
    fn after(&self, len: usize) -> Option<char> {
        self.original[self.at + len..].chars().next()
    }

    /// Copies the longest run of characters that no rule below touches.
    fn copy_plain_run(&mut self) {
        let mut end = self.at;
        let mut last_len = 0;
        for c in self.original[self.at..].chars() {
            if !is_plain(c) {
                if is_mark(c) {
                    // The mark belongs to the character before it.
                    end -= last_len;
                }
                break;
            }
            last_len = c.len_utf8();
            end += last_len;
        }
        self.out.push_same(&self.original[self.at..end]);
        self.at = end;
    }

    /// Normalises one cluster: a character with the marks that follow it, or a run of blanks.
    fn cluster(&mut self, c: char) {
        if c.is_whitespace() {
            return self.blanks();
        }
        if is_invisible(c) {
            return self.replace(c.len_utf8(), "");
        }
        let marks: usize = self.original[self.at + c.len_utf8()..]
            .chars()
            .take_while(|&m| is_mark(m))
            .map(char::len_utf8)
            .sum();
        if marks > 0 {
            let cluster = &self.original[self.at..self.at + c.len_utf8() + marks];
            let composed: String = cluster
                .chars()
                .filter(|&c| !is_selector(c))
                .map(combining)
                .nfkc()
                .flat_map(char::to_lowercase)
                .collect();
            return self.replace(cluster.len(), &composed);
        }
        let len = c.len_utf8();
        match c {
            '●' | '⚫' | '⬤' | '🌑' | '⏺' => {
                let form = if self.is_bullet(c) { "・" } else { "●" };
                self.replace(len, form);
            }
            // Dropped where the vowel is long already: カードリーダーー.
            'ー' if self.before() == Some('ー') => self.replace(len, ""),
            'ー' => self.replace(len, "ー"),
            _ if is_hyphen(c) => {
                let form = self.hyphen(c);
                self.replace(len, form);
            }
            '〜' | '～' | '~' | '∼' | '˜' => {
                let between =
                    self.before().is_some_and(is_katakana) && self.after(len).is_some_and(is_katakana);
                self.replace(len, if between { "ー" } else { "〜" });
            }
            _ => {
                if let Some(kana) = self.look_alike(c) {
                    self.replace(len, kana);
                } else if let Some(form) = folded(c) {
                    self.replace(len, form);
                } else if matches!(c, ',' | '，' | '.' | '．') {
                    let form = self.comma_or_stop(c);
                    self.replace(len, form);
                } else if is_item_digit(c) || matches!(c, '…' | '⋯') {
                    self.replace(len, c.encode_utf8(&mut [0; 4]));
                } else {
                    self.compatibility(c);
                }
            }
        }
    }

    /// NFKC and lower case of a single character; most characters that get here stay what they are.
    fn compatibility(&mut self, c: char) {
        let mut forms = std::iter::once(c).nfkc().flat_map(char::to_lowercase);
        let (first, second) = (forms.next(), forms.next());
        match (first, second) {
            (Some(only), None) => self.replace(c.len_utf8(), only.encode_utf8(&mut [0; 4])),
            _ => {
                let form: String = std::iter::once(c).nfkc().flat_map(char::to_lowercase).collect();
                self.replace(c.len_utf8(), &form);
            }
        }
    }

    /// Lets `form` stand for the next `len` bytes of the original.
    fn replace(&mut self, len: usize, form: &str) {
        let cluster = self.at..self.at + len;
        let is_one = |s: &str| s.chars().nth(1).is_none();
        if form.len() == len && is_one(form) && is_one(&self.original[cluster.clone()]) {
            self.out.push_same(form);
        } else {
            self.out.push_edit(cluster, form);
        }
        self.at += len;
    }

    /// A run of blanks and line breaks: nothing inside a word or a broken line, else one blank or one line break.
    fn blanks(&mut self) {
        let rest = &self.original[self.at..];
        let run = &rest[..rest.len() - rest.trim_start().len()];
        let after = rest[run.len()..].chars().next();
        let form =
            match (self.before(), after) {
                (None, _) | (_, None) => "",
                (Some(before), Some(after))
                    if run.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) =>
                {
                    if self.is_broken_line(before, after) { "" } else { "\n" }
                }
                (Some('\n'), _) => "",
                (Some(before), Some(after)) => {
                    if self.is_blank_inside_word(run, before, after) {
                        ""
                    } else {
                        " "
                    }
                }
            };
        self.replace(run.len(), form);
    }

    fn is_blank_inside_word(&self, run: &str, before: char, after: char) -> bool {
        // A blank before a bullet is what makes it one; with blanks on both sides ・ joins a pair.
        if after == '・' {
            return self.after(run.len() + after.len_utf8()).is_none_or(char::is_whitespace);
        }
        if !is_word_char(before) || !is_word_char(after) {
            return true;
        }
        if before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric() {
            return false;
        }
        // 顔　認　証: people space out short words to fill a line.
        let is_single_before = {
            let done = &self.original[..self.at];
            done[..done.len() - before_len(done)].chars().next_back().is_none_or(char::is_whitespace)
        };
        let is_single_after = {
            let rest = &self.original[self.at + run.len()..];
            rest.chars().nth(1).is_none_or(char::is_whitespace)
        };
        if is_single_before || is_single_after {
            return true;
        }
        // A half-width blank between Japanese characters comes from OCR or from a habit with figures (10 割). Only
        // after what looks like the end of a predicate does it separate two notes.
        let ends_predicate =
            matches!(before, 'い' | 'た' | 'る' | 'す' | 'ん' | 'ず' | 'だ') && !is_hiragana(after);
        run == " " && !ends_predicate
    }

    /// Whether the line break after the normalised text so far cuts a sentence in two.
    fn is_broken_line(&self, before: char, after: char) -> bool {
        let line_chars = self.out.text().chars().rev().take_while(|&c| c != '\n').count();
        let ends_sentence = matches!(
            before,
            'い' | 'た' | 'る' | 'す' | 'う' | 'ん' | 'だ' | 'ず' | 'ね' | 'よ' | 'か' | 'く'
        );
        line_chars >= BROKEN_LINE_CHARS
            && is_japanese(before)
            && !ends_sentence
            && is_japanese(after)
            && !is_ball(after)
    }

    /// Whether the ball at the current position opens an item rather than standing for a character.
    fn is_bullet(&self, ball: char) -> bool {
        let opens = match self.before() {
            None => true,
            Some(c) => matches!(c, '\n' | '。' | '!' | '?' | ' '),
        };
        if !opens {
            return false;
        }
        let rest = &self.original[self.at + ball.len_utf8()..];
        if rest.starts_with(char::is_whitespace) {
            return !rest.trim_start().is_empty();
        }
        // What follows tells: a particle, a bracket, its own name, or another ball speak *about* the sign.
        match rest.chars().next() {
            None => false,
            Some(next) => {
                !is_ball(next)
                    && !"○〇?？(（「『」』）)\"”はがをのでにともやへだばか、，。・/／→くク黒ま表印文付城県市区郡町".contains(next)
            }
        }
    }

    /// What a hyphen or dash means here: a long vowel after katakana, otherwise itself in its plainest form.
    fn hyphen(&self, c: char) -> &'static str {
        let is_dash = matches!(c, '—' | '―' | '─' | '━');
        let after_katakana = self.before().is_some_and(|b| is_katakana(b) && b != 'ー');
        let is_long_vowel = after_katakana
            && match self.after(c.len_utf8()) {
                Some(next) if is_dash => is_katakana(next),
                Some(next) => !next.is_ascii_alphanumeric() && !is_hyphen(next) && !next.is_numeric(),
                None => !is_dash,
            };
        match (is_long_vowel, is_dash) {
            (true, _) => "ー",
            (false, true) => "―",
            (false, false) => "-",
        }
    }

    /// The kana that a look-alike stands for between kana: 力ード, システ厶, 役所ヘ.
    fn look_alike(&self, c: char) -> Option<&'static str> {
        let kana = match c {
            '力' => "カ",
            '口' => "ロ",
            '二' => "ニ",
            '一' => "ー",
            '工' => "エ",
            '夕' => "タ",
            '卜' => "ト",
            '八' => "ハ",
            '千' => "チ",
            '厶' => "ム",
            'へ' => "ヘ",
            'べ' => "ベ",
            'ぺ' => "ペ",
            'り' => "リ",
            'ヘ' => "へ",
            'ベ' => "べ",
            'ペ' => "ぺ",
            _ => return None,
        };
        let before = self.before();
        let after = self.after(c.len_utf8());
        let stands = if matches!(c, 'ヘ' | 'ベ' | 'ペ') {
            // The particle typed in katakana: 役所ヘ連絡.
            before.is_some_and(|b| !is_katakana(b) && is_japanese(b)) && !after.is_some_and(is_katakana)
        } else {
            let long_vowel_follows = after == Some('ー') && c != '一' && !is_hiragana(c);
            (before.is_some_and(is_katakana) && after.is_some_and(is_katakana)) || long_vowel_follows
        };
        stands.then_some(kana)
    }

    /// A comma or full stop of the Latin kind, in Japanese text, is 、 or 。 unless it stands in a number.
    fn comma_or_stop(&self, c: char) -> &'static str {
        let in_japanese = self.before().is_some_and(is_japanese)
            && self.after(c.len_utf8()).is_none_or(|next| is_japanese(next) || next.is_whitespace());
        match (c, in_japanese) {
            (',' | '，', true) => "、",
            (',' | '，', false) => ",",
            (_, true) => "。",
            (_, false) => ".",
        }
    }
}

/// Length in bytes of the last character.
fn before_len(text: &str) -> usize {
    text.chars().next_back().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::span::Span;

    fn norm(text: &str) -> String {
        normalise(text).text().to_owned()
    }

    #[test]
    fn spellings_of_one_thing_become_one() {
        for (original, expected) in [
            ("１０割", "10割"),
            ("ﾏｲﾅ保険証", "マイナ保険証"),
            ("ｶｰﾄﾞﾘｰﾀﾞｰ", "カードリーダー"),
            ("カ\u{3099}", "ガ"),
            ("か゛", "が"),
            ("葛\u{E0100}飾", "葛飾"),
            ("ＷＩＦＩ Wi-Fi", "wifi wi-fi"),
            ("㈱ ①", "(株)①"),
            ("カ−ドリ-ダ‐", "カードリーダー"),
            ("カ一ドリ一ダ一が", "カードリーダ一が"),
            ("力ード", "カード"),
            ("役所ヘ連絡", "役所へ連絡"),
            ("カードリーダーーが", "カードリーダーが"),
            ("2〜3日、２～３日", "2〜3日、2〜3日"),
            ("Wi-Fi、03-1234", "wi-fi、03-1234"),
            ("顔 認 証", "顔認証"),
            ("受　付　に　時　間", "受付に時間"),
            ("10 割負担", "10割負担"),
            ("顔認証できない　暗証番号忘れ", "顔認証できない 暗証番号忘れ"),
            ("顔認証できない 暗証番号忘れ", "顔認証できない 暗証番号忘れ"),
            ("USB PC", "usb pc"),
            ("a\u{200B}b", "ab"),
            ("行1\r\n  行2", "行1\n行2"),
            ("前後  ", "前後"),
            ("反応，しない．", "反応、しない。"),
            ("1,000円 3.5割", "1,000円3.5割"),
            ("無効⇒再確認", "無効→再確認"),
            ("・顔認証エラー ・番号を忘れる", "・顔認証エラー ・番号を忘れる"),
            ("氏名 ・ 住所", "氏名・住所"),
        ] {
            assert_eq!(norm(original), expected, "{original}");
        }
    }

    #[test]
    fn a_ball_opens_an_item_or_stands_for_a_character() {
        assert_eq!(norm("●カードリーダーが故障"), "・カードリーダーが故障");
        assert_eq!(norm("故障した。⚫ 回線も不安定"), "故障した。・回線も不安定");
        assert_eq!(norm("●が表示される"), "●が表示される");
        assert_eq!(norm("●（くろまる）で出る"), "●(くろまる)で出る");
        assert_eq!(norm("高橋⬤子と出る"), "高橋●子と出る");
        assert_eq!(norm("氏名が●●"), "氏名が●●");
        assert_eq!(norm("●"), "●");
    }

    #[test]
    fn a_line_cut_by_ocr_is_mended_and_a_written_line_stays() {
        assert_eq!(
            norm("資格確認のたびに患者さんをお待たせして受付の業\n務に差し支えている"),
            "資格確認のたびに患者さんをお待たせして受付の業務に差し支えている"
        );
        assert_eq!(norm("顔認証ができない\n暗証番号を忘れる"), "顔認証ができない\n暗証番号を忘れる");
        assert_eq!(
            norm("カードリーダーの読み取りが何度やってもできない\n回線の問題かもしれない"),
            "カードリーダーの読み取りが何度やってもできない\n回線の問題かもしれない"
        );
    }

    #[test]
    fn original_ranges_cover_whole_clusters() {
        let text = "ｶｰﾄﾞ 顔 認 証㍑";
        let normalised = normalise(text);
        assert_eq!(normalised.text(), "カード顔認証リットル");
        let original_of = |needle: &str| {
            let start = normalised.text().find(needle).unwrap();
            let span = normalised.map().to_original(Span::new(start, start + needle.len()));
            &text[span.range()]
        };
        assert_eq!(original_of("ド"), "ﾄﾞ");
        assert_eq!(original_of("顔認証"), "顔 認 証");
        assert_eq!(original_of("顔"), "顔");
        assert_eq!(original_of("ット"), "㍑");
        assert_eq!(original_of("証リ"), "証㍑");
    }

    /// Text as it comes: kana, kanji, marks, blanks, look-alikes, and anything at all.
    fn messy() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[ぁ-んァ-ヺー一-龥々]",
            2 => "[ｦ-ﾟ゛゜\u{3099}\u{309A}０-９Ａ-ｚ]",
            2 => "[ \u{3000}\r\n\t]",
            2 => "[●⚫・①→⇒、。，．,.!?（）()「」〜～ー−‐—力一へヘ㍑㈱…\u{FE0F}\u{200B}]",
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn the_map_is_total_monotone_and_on_character_boundaries(text in messy()) {
            let normalised = normalise(&text);
            let norm = normalised.text();
            let bounds: Vec<usize> = norm.char_indices().map(|(i, _)| i).chain([norm.len()]).collect();
            let mut last = Span::new(0, 0);
            for pair in bounds.windows(2) {
                let span = normalised.map().to_original(Span::new(pair[0], pair[1]));
                prop_assert!(!span.is_empty());
                prop_assert!(text.is_char_boundary(span.start()) && text.is_char_boundary(span.end()));
                prop_assert!(span.start() >= last.start() && span.end() >= last.end());
                // Two clusters are the same one or don't touch.
                prop_assert!(span == last || !span.overlaps(last));
                last = span;
            }
        }

        #[test]
        fn a_range_is_the_cover_of_its_clusters(text in messy(), a in 0usize..60, b in 0usize..60) {
            let normalised = normalise(&text);
            let bounds: Vec<usize> = normalised.text().char_indices().map(|(i, _)| i).chain([normalised.text().len()]).collect();
            let (a, b) = (a.min(bounds.len() - 1), b.min(bounds.len() - 1));
            let (a, b) = (a.min(b), a.max(b));
            prop_assume!(a < b);
            let whole = normalised.map().to_original(Span::new(bounds[a], bounds[b]));
            let first = normalised.map().to_original(Span::new(bounds[a], bounds[a + 1]));
            let last = normalised.map().to_original(Span::new(bounds[b - 1], bounds[b]));
            prop_assert_eq!(whole, first.cover(last));
        }

        #[test]
        fn plain_text_stands_for_itself(text in "[ぁ-ふほ-らる-ゖァ-フホ-ヺ亜-泊]{1,20}") {
            prop_assume!(!text.contains(['力', '口', '二', '一', '工', '夕', '卜', '八', '千', '厶']));
            let normalised = normalise(&text);
            prop_assert_eq!(normalised.text(), &text);
            let whole = normalised.map().to_original(Span::new(0, text.len()));
            prop_assert_eq!(whole.range(), 0..text.len());
        }

        #[test]
        fn buffers_carry_nothing_over(first in messy(), second in messy()) {
            let mut buffer = normalise(&first);
            normalise_into(&second, &mut buffer);
            prop_assert_eq!(buffer, normalise(&second));
        }
    }
}
