//! 肯定と否定: whether a word is affirmed or denied where it stands.
//!
//! Japanese denies after the predicate, and keeps piling on: でき|ない, でき|ない|こと|は|ない, でき|ない|わけ|で|は|ない|か. The
//! chain of helpers after a word is walked and each denial turns the polarity round; what looks like a denial and
//! isn't (確認しなければならない, 保険証しか持っていない, 違うのではないか) is told apart. A word is also denied from the front
//! by 未, 不 or 無.

use std::ops::Range;

use crate::token::{Class, Lexeme, Tokens};

/// Whether a predicate is affirmed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Polarity {
    /// 肯定: it is said to be so.
    Affirmed,
    /// 否定: it is said not to be so.
    Denied,
}

impl Polarity {
    fn turned(self) -> Self {
        match self {
            Polarity::Affirmed => Polarity::Denied,
            Polarity::Denied => Polarity::Affirmed,
        }
    }
}

/// The polarity of the word whose last token is `word.end - 1`, and where the chain that decides it ends (a token
/// position, exclusive; at least `word.end`).
pub fn polarity(tokens: Tokens<'_>, word: Range<usize>) -> (Polarity, usize) {
    let mut polarity = Polarity::Affirmed;
    if word.start > 0 && denies_from_front(tokens.lexeme(word.start - 1)) {
        polarity = polarity.turned();
    }
    let head = tokens.lexeme(word.end - 1);
    if is_denial(head) {
        // The word itself ends in its denial: 読み取れない written as one term.
        polarity = polarity.turned();
    }
    let mut at = word.end;
    let mut end = word.end;
    let mut is_predicate = matches!(head.class, Class::Verb | Class::Adjective | Class::Auxiliary);
    if !is_predicate {
        match predicate_of_noun(tokens, at) {
            Some(next) => {
                at = next;
                is_predicate = true;
            }
            None => return (polarity, end),
        }
    }
    debug_assert!(is_predicate);
    let restricted = is_restricted(tokens, word.start);
    while let Some(step) = step(tokens, at) {
        at += step.len;
        if step.denies && !(restricted && polarity == Polarity::Affirmed) {
            polarity = polarity.turned();
        }
        if step.denies {
            end = at;
        }
    }
    // A denial taken back leaves the word as evidence by itself.
    (polarity, if polarity == Polarity::Denied { end } else { word.end })
}

/// A word that says something of something, and whether it is affirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predicate {
    /// Its token: a verb or adjective of its own, or the noun that a verb such as する or なる speaks of.
    pub token: usize,
    /// Whether it is affirmed or denied there.
    pub polarity: Polarity,
    /// One past the last token of what it says: of its denial, or the word itself.
    pub end: usize,
}

/// The predicates of a text, in order. What only helps a word to be one (する, なる, ない) is none.
pub fn predicates(tokens: Tokens<'_>) -> Vec<Predicate> {
    let mut found: Vec<Predicate> = Vec::new();
    // One past the verb that the last noun was followed by.
    let mut helped = 0;
    for at in 0..tokens.len() {
        let lexeme = tokens.lexeme(at);
        let is_predicate = match lexeme.class {
            Class::Verb => {
                let helps = at < helped && matches!(&*lexeme.base, "する" | "なる" | "ある" | "いたす");
                lexeme.is_pos("動詞-自立") && !helps
            }
            Class::Adjective => {
                // できない|こと|は|ない: part of what できる says, even where it turns that round.
                let is_counted = found.last().is_some_and(|last| at < last.end)
                    || at >= 2 && tokens.lexeme(at - 2).is_pos("名詞-非自立");
                lexeme.is_pos("形容詞-自立") && !(is_denial(lexeme) && is_counted)
            }
            Class::Noun if lexeme.is_pos("名詞-非自立") => false,
            Class::Noun => match predicate_of_noun(tokens, at + 1) {
                Some(next) => {
                    helped = next.max(at + 2);
                    true
                }
                None => false,
            },
            _ => false,
        };
        if is_predicate {
            let (polarity, end) = polarity(tokens, at..at + 1);
            found.push(Predicate { token: at, polarity, end });
        }
    }
    found
}

/// One step along the chain after a predicate.
struct Step {
    /// Tokens taken.
    len: usize,
    denies: bool,
}

/// What continues the chain at `at`, if anything.
fn step(tokens: Tokens<'_>, at: usize) -> Option<Step> {
    let lexeme = tokens.get(at)?;
    let on = |len| Some(Step { len, denies: false });
    let base = |ahead: usize| tokens.get(at + ahead).map_or("", |lexeme| &*lexeme.base);
    let surface = |ahead: usize| surface_at(tokens, at + ahead);
    if let Some(len) = denial(tokens, at) {
        // ない + と/ば/ては + いけない, なければならない: an obligation denies nothing.
        if let Some(len) = obligation(tokens, at) {
            return on(len);
        }
        return Some(Step { len, denies: true });
    }
    match lexeme.class {
        Class::Auxiliary => {
            // で|は|ない|か after a nominalised predicate asks, it doesn't deny.
            if let Some(len) = tag_question(tokens, at) {
                return on(len);
            }
            // だろう, です end a sentence; what follows is another one.
            on(1)
        }
        Class::Verb => {
            let helps = lexeme.is_pos("動詞-非自立")
                || lexeme.is_pos("動詞-接尾")
                || matches!(
                    &*lexeme.base,
                    "する"
                        | "なる"
                        | "できる"
                        | "出来る"
                        | "いく"
                        | "くれる"
                        | "もらえる"
                        | "いただける"
                        | "頂ける"
                        | "下さる"
                        | "もらう"
                        | "おる"
                        | "いる"
                        | "いらっしゃる"
                ) && is_linked(tokens, at);
            // 言える, 思える, 限る deny the whole that stands before と: できるとは言えない.
            let judges = matches!(&*lexeme.base, "言える" | "思える" | "限る" | "いえる" | "おもえる")
                && matches!(surface_before(tokens, at), "は" | "と" | "も");
            if helps || judges { on(1) } else { None }
        }
        Class::Noun => match &*lexeme.base {
            "こと" | "わけ" | "訳" | "はず" | "もの" | "ため"
                if surface(1) == "は" || surface(1) == "が" || surface(1) == "も" || surface(1) == "で" =>
            {
                // できないこと|は|ない denies the denial; できないこと|が|多い says nothing about it.
                let len = if surface(1) == "で" && matches!(surface(2), "は" | "も") { 3 } else { 2 };
                denial(tokens, at + len)?;
                if tag_question(tokens, at + 1).is_some() {
                    return None;
                }
                on(len)
            }
            "こと" | "わけ" | "訳" | "はず" => {
                // できるわけない, できるはずない.
                denial(tokens, at + 1)?;
                on(1)
            }
            "状態" | "状況" if surface(1) == "に" => {
                tokens.get(at + 2).filter(|next| next.is_pos("動詞"))?;
                on(2)
            }
            "の" | "ん" if matches!(base(1), "だ" | "じゃ") || surface(1) == "で" => {
                if let Some(len) = tag_question(tokens, at + 1) {
                    return on(1 + len);
                }
                on(1)
            }
            _ => None,
        },
        Class::Particle => match tokens.surface(at) {
            "て" | "で" | "ちゃ" => on(1),
            // Only where a helper verb or a denial follows: 反映されて|は|いない, でき|も|しない.
            "は" | "も" | "と" | "に" => {
                let next = tokens.get(at + 1)?;
                let links = denial(tokens, at + 1).is_some()
                    || next.is_pos("動詞-非自立")
                    || (tokens.surface(at) != "に" && &*next.base == "する")
                    || matches!(&*next.base, "言える" | "思える" | "限る" | "いえる")
                    || (tokens.surface(at) == "と" && tokens.surface(at + 1) == "は");
                if links { on(1) } else { None }
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether the verb at `at` continues the predicate before it rather than opening another.
fn is_linked(tokens: Tokens<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| tokens.lexeme(before)) else { return false };
    match before.class {
        Class::Particle => matches!(tokens.surface(at - 1), "て" | "で" | "は" | "も"),
        Class::Noun => matches!(&*tokens.lexeme(at).base, "する" | "できる" | "出来る"),
        Class::Verb | Class::Adjective | Class::Auxiliary => true,
        _ => false,
    }
}

fn surface_before(tokens: Tokens<'_>, at: usize) -> &str {
    at.checked_sub(1).map_or("", |before| tokens.surface(before))
}

/// Whether the token denies by itself: ない, ぬ (ず, ん, ざる), まい, なし.
fn is_denial(lexeme: &Lexeme) -> bool {
    match lexeme.class {
        Class::Auxiliary => matches!(&*lexeme.base, "ない" | "ぬ" | "ん" | "まい" | "ず"),
        Class::Adjective => matches!(&*lexeme.base, "ない" | "無い"),
        Class::Noun | Class::Other => matches!(&*lexeme.base, "なし" | "無し"),
        _ => false,
    }
}

/// Length of the denial at `at`, if there is one: ない, ず, or あり|ませ|ん.
fn denial(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let lexeme = tokens.get(at)?;
    let is_polite = matches!(&*lexeme.base, "ある" | "ござる")
        && surface_at(tokens, at + 1) == "ませ"
        && surface_at(tokens, at + 2) == "ん";
    if is_denial(lexeme) { Some(1) } else { is_polite.then_some(3) }
}

/// Prefixes that deny the noun after them.
fn denies_from_front(lexeme: &Lexeme) -> bool {
    lexeme.class == Class::Prefix && matches!(&*lexeme.base, "未" | "不" | "無" | "非")
}

/// Length of an obligation that begins with the denial at `at`: なければ|なら|ない, ない|と|いけ|ない, ざる|を|得|ない.
fn obligation(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let surface = |ahead: usize| surface_at(tokens, at + ahead);
    let mut len = 1;
    if matches!((surface(len), surface(len + 1)), ("て", "は" | "も")) {
        // Without は or も it gives a reason: できなくて困る.
        len += 2;
    } else if matches!(surface(len), "ば" | "と" | "を") {
        len += 1;
    } else if !matches!((surface(0), surface(1)), ("なきゃ" | "なくちゃ" | "ねば", _) | ("ず", "に"))
    {
        return None;
    }
    let verb = tokens.get(at + len)?;
    if matches!(&*verb.base, "なる" | "いける" | "得る" | "える" | "いかん" | "ならない" | "いけない")
    {
        len += 1;
        // ない, ず, ませ|ん
        while tokens.get(at + len).is_some_and(|next| next.class == Class::Auxiliary) {
            len += 1;
        }
        return Some(len);
    }
    if matches!(&*verb.base, "だめ" | "ダメ" | "駄目" | "困る") { Some(len + 1) } else { None }
}

/// Length of a tag question at `at`: で|は|ない|か, じゃ|ない|か, で|は|ない|でしょう|か. Only with its か (or だろう) is it one.
fn tag_question(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let surface = |ahead: usize| surface_at(tokens, at + ahead);
    let mut len = match (surface(0), surface(1)) {
        ("で", "は") => 2,
        ("では" | "じゃ" | "じゃあ", _) => 1,
        _ => return None,
    };
    tokens.get(at + len).filter(|next| is_denial(next))?;
    len += 1;
    for _ in 0..3 {
        match surface(len) {
            "か" | "かと" | "だろ" | "でしょ" | "だろう" | "でしょう" => return Some(len + 1),
            "の" | "ん" | "う" => len += 1,
            _ => return None,
        }
    }
    None
}

/// For a noun that ends at `at`: where the predicate that speaks of it continues — する, or a particle with a verb of
/// happening (エラー|に|なる, 失敗|は|ない, 問題|なく).
fn predicate_of_noun(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let next = tokens.get(at)?;
    if is_denial(next) || &*next.base == "する" || matches!(&*next.base, "できる" | "出来る" | "いたす")
    {
        return Some(at);
    }
    if next.class == Class::Auxiliary && matches!(&*next.base, "だ" | "です") {
        return Some(at);
    }
    if next.class != Class::Particle && !matches!(&*next.base, "等" | "など") {
        return None;
    }
    // Up to two particles: に|は, など|は, で|も.
    let mut verb = at;
    while tokens.get(verb).is_some_and(|lexeme| {
        (lexeme.class == Class::Particle
            && matches!(&*lexeme.base, "が" | "は" | "も" | "に" | "を" | "など" | "なんか" | "とか"))
            || &*lexeme.base == "等"
    }) && verb < at + 3
    {
        verb += 1;
    }
    // 特に and まったく may stand between: エラーは特にない.
    if tokens.get(verb).is_some_and(|lexeme| lexeme.class == Class::Adverb) {
        verb += 1;
    }
    if surface_at(tokens, verb) == "一度" || surface_at(tokens, verb) == "一" {
        while tokens
            .get(verb)
            .is_some_and(|lexeme| lexeme.class == Class::Noun || tokens.surface(verb) == "も")
        {
            verb += 1;
        }
    }
    let lexeme = tokens.get(verb)?;
    let happens = matches!(
        &*lexeme.base,
        "なる"
            | "出る"
            | "でる"
            | "ある"
            | "起こる"
            | "起きる"
            | "おこる"
            | "おきる"
            | "発生"
            | "する"
            | "生じる"
            | "かかる"
            | "感じる"
            | "聞く"
            | "見る"
            | "見られる"
            | "受ける"
            | "できる"
            | "出来る"
    );
    if is_denial(lexeme) {
        return Some(verb);
    }
    happens.then_some(verb + 1)
}

/// Whether しか stands before the predicate in its clause: 保険証しか持っていない says that the card is there.
fn is_restricted(tokens: Tokens<'_>, start: usize) -> bool {
    /// How far back しか is looked for, in tokens: its noun, and the word itself.
    const REACH: usize = 3;
    (start.saturating_sub(REACH)..start).any(|at| tokens.surface(at) == "しか")
}

fn surface_at(tokens: Tokens<'_>, at: usize) -> &str {
    if at < tokens.len() { tokens.surface(at) } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::Analyser;
    use crate::tokenize::Tokenizer;

    /// Sentence, the word asked about, and whether it is denied there.
    const TABLE: &[(&str, &str, bool)] = &[
        ("顔認証ができない", "できる", true),
        ("顔認証ができず、暗証番号にした", "できる", true),
        ("顔認証ができません", "できる", true),
        ("顔認証ができなかった", "できる", true),
        ("顔認証が出来ず困った", "出来る", true),
        ("顔認証ができないことが多い", "できる", true),
        ("顔認証ができない人がいる", "できる", true),
        ("顔認証ができなくなった", "できる", true),
        ("まったくできませんでした", "できる", true),
        ("問題なくできた", "できる", false),
        ("できないことはない", "できる", false),
        ("できないわけではない", "できる", false),
        ("できないわけではありません", "できる", false),
        ("できないこともない", "できる", false),
        ("できるわけがない", "できる", true),
        ("できるはずがない", "できる", true),
        ("できるわけない", "できる", true),
        ("できなくて困る", "できる", true),
        ("確認しなくてはならない", "確認", false),
        ("できるとは限らない", "できる", true),
        ("できるようになった", "できる", false),
        ("できてはいる", "できる", false),
        ("情報が更新されていない", "更新", true),
        ("情報が更新されておらず", "更新", true),
        ("まだ反映されてない", "反映", true),
        ("反映がされていなかった", "反映", true),
        ("反映はしている", "反映", false),
        ("未反映のまま", "反映", true),
        ("反映されました", "反映", false),
        ("業者が対応してくれない", "対応", true),
        ("対応してもらえなかった", "対応", true),
        ("カードを読み取らない", "読み取る", true),
        ("カードが読み取れず", "読み取れる", true),
        ("読み取ってくれない", "読み取る", true),
        ("顔認証は一度も失敗しなかった", "失敗", true),
        ("顔認証に失敗した", "失敗", false),
        ("エラーにならなかった", "エラー", true),
        ("エラーになった", "エラー", false),
        ("エラーは出ていない", "エラー", true),
        ("エラーはない", "エラー", true),
        ("エラーは特にない", "エラー", true),
        ("エラーが出て困る", "エラー", false),
        ("問題なく使えた", "問題", true),
        ("クレームはありません", "クレーム", true),
        ("クレームがあった", "クレーム", false),
        ("保険証を確認しなければならない", "確認", false),
        ("保険証を確認しないといけない", "確認", false),
        ("保険証を確認せざるを得ない", "確認", false),
        ("保険証しか持っていない", "持つ", false),
        ("カードを持っていない", "持つ", true),
        ("カードを持っておられず", "持つ", true),
        ("カードを持っておられた", "持つ", false),
        ("カードをお持ちでない方", "持つ", true),
        ("間違っているのではないか", "間違う", false),
        ("できないのではないでしょうか", "できる", true),
        ("使えないとは言わない", "使える", true),
        ("まだ未登録だった", "登録", true),
    ];

    #[test]
    fn polarity_of_predicates() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let mut analyser = Analyser::new(&tokenizer);
        let mut wrong = Vec::new();
        for &(sentence, word, denied) in TABLE {
            analyser.analyse(sentence);
            let tokens = analyser.tokens();
            let at = (0..tokens.len()).find(|&at| *tokens.lexeme(at).base == *word);
            let Some(at) = at else {
                let all: Vec<&str> = (0..tokens.len()).map(|at| tokens.surface(at)).collect();
                wrong.push(format!("{sentence}: no {word} in {all:?}"));
                continue;
            };
            let (found, _) = polarity(tokens, at..at + 1);
            if (found == Polarity::Denied) != denied {
                let all: Vec<String> = (at..tokens.len())
                    .map(|at| {
                        format!("{}/{}/{}", tokens.surface(at), tokens.lexeme(at).base, tokens.lexeme(at).pos)
                    })
                    .collect();
                wrong.push(format!("{sentence}: {word} is {found:?}; {}", all.join(" ")));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn predicates_take_their_helpers_along() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let mut analyser = Analyser::new(&tokenizer);
        for (text, expected) in [
            ("顔認証ができず、暗証番号も忘れた", "顔認証- でき- 忘れ+"),
            ("エラーにならず問題なく使えた", "エラー- 問題- 使え+"),
            ("確認していないので困る", "確認- 困る+"),
            ("受付が混む。反応はない", "混む+ 反応-"),
            ("できないことはない", "でき+"),
            ("マイナ保険証の受付", ""),
        ] {
            analyser.analyse(text);
            let tokens = analyser.tokens();
            let shown = predicates(tokens).into_iter().map(|found| {
                let sign = if found.polarity == Polarity::Denied { '-' } else { '+' };
                format!("{}{sign}", tokens.surface(found.token))
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
