//! Details that could tell readers who wrote an answer, or whom it is about: found, and masked.
//!
//! Found are names of persons, telephone and other numbers, e-mail and postal addresses, dates of birth, named clinics,
//! companies and vendors, and places below prefecture. `numbers` finds what is written in figures, `names` what the
//! dictionary knows for proper nouns in a context that makes them telling. The rules are cautious both ways: 患者さん, 当院
//! and 東京都 are no details, 山田さん, 山田医院 and 立川市 are. How well they do is measured in `docs/quotes.md` on
//! `tests/identifying.txt`. A program can't know all: whoever prints quotes reads them once more.

mod names;
mod numbers;

use serde::{Deserialize, Serialize};

use crate::span::{Norm, Orig, Span};
use crate::text::Normalised;
use crate::token::Tokens;

/// What a detail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// 氏名.
    Person,
    /// 電話番号.
    Phone,
    /// 番号: of a card, an insured person, a secret.
    Number,
    /// メール: an e-mail or web address.
    Mail,
    /// 住所: an address down to the house, or a postal code.
    Address,
    /// 生年月日.
    Birth,
    /// 施設名: a clinic, pharmacy, school.
    Facility,
    /// 会社名: a company or vendor.
    Company,
    /// 地名: a place below prefecture.
    Place,
    /// 属性の組合せ: few respondents share these attributes; not in the text.
    Attributes,
}

/// A detail of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes of the comment's text; `None` for what is not in the text.
    pub span: Option<Span<Orig>>,
}

impl Kind {
    /// The name in files and between the brackets of a mask.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Person => "氏名",
            Kind::Phone => "電話番号",
            Kind::Number => "番号",
            Kind::Mail => "メール",
            Kind::Address => "住所",
            Kind::Birth => "生年月日",
            Kind::Facility => "施設名",
            Kind::Company => "会社名",
            Kind::Place => "地名",
            Kind::Attributes => "属性の組合せ",
        }
    }

    /// The name in JSONL.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Phone => "phone",
            Kind::Number => "number",
            Kind::Mail => "mail",
            Kind::Address => "address",
            Kind::Birth => "birth",
            Kind::Facility => "facility",
            Kind::Company => "company",
            Kind::Place => "place",
            Kind::Attributes => "attributes",
        }
    }

    /// Which of two details at one place is told: the smaller. Figures are surest, then what covers most.
    fn priority(self) -> usize {
        match self {
            Kind::Mail => 0,
            Kind::Phone => 1,
            Kind::Address => 2,
            Kind::Birth => 3,
            Kind::Number => 4,
            Kind::Facility => 5,
            Kind::Company => 6,
            Kind::Person => 7,
            Kind::Place => 8,
            Kind::Attributes => 9,
        }
    }
}

impl Flag {
    /// Whether it is printed where these parts of the text are.
    pub(super) fn is_within(&self, parts: &[Span<Orig>]) -> bool {
        self.span.is_none_or(|span| parts.iter().any(|part| part.overlaps(span)))
    }
}

/// The details of a text, by position, no two overlapping.
pub(super) fn flags(normalised: &Normalised, tokens: Tokens<'_>) -> Vec<Flag> {
    let mut found: Vec<(Kind, Span<Norm>)> = Vec::new();
    numbers::find(tokens, &mut found);
    names::find(tokens, &mut found);
    if found.is_empty() {
        return Vec::new();
    }
    found.sort_by_key(|&(kind, span)| (kind.priority(), span.start(), std::cmp::Reverse(span.end())));
    let mut kept: Vec<(Kind, Span<Norm>)> = Vec::new();
    for (kind, span) in found {
        if !kept.iter().any(|(_, other)| other.overlaps(span)) {
            kept.push((kind, span));
        }
    }
    kept.sort_by_key(|(_, span)| span.start());
    let map = normalised.map();
    kept.into_iter().map(|(kind, span)| Flag { kind, span: Some(map.to_original(span)) }).collect()
}

/// The part of `text` at `part` with each detail replaced by its kind: 〔氏名〕.
pub(super) fn masked(text: &str, part: Span<Orig>, flags: &[Flag]) -> String {
    let mut out = String::with_capacity(part.len());
    let mut at = part.start();
    for flag in flags {
        let Some(span) = flag.span.filter(|span| span.overlaps(part) && span.start() >= at.min(span.start()))
        else {
            continue;
        };
        out.push_str(&text[at..span.start().max(at)]);
        out.push('〔');
        out.push_str(flag.kind.label());
        out.push('〕');
        at = span.end().min(part.end());
    }
    out.push_str(&text[at..part.end()]);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::matcher::Analyser;
    use crate::tokenize::Tokenizer;

    fn analyser() -> Analyser {
        Analyser::new(&Tokenizer::embedded().unwrap())
    }

    fn found(analyser: &mut Analyser, text: &str) -> Vec<(Kind, Span<Orig>)> {
        analyser.analyse(text);
        let flags = flags(analyser.normalised(), analyser.tokens());
        flags.into_iter().filter_map(|flag| Some((flag.kind, flag.span?))).collect()
    }

    #[test]
    fn details_are_masked_visibly() {
        let analyser = &mut analyser();
        for (text, expected) in [
            (
                "担当の山田さんに０３－１２３４－５６７８へ電話した",
                "担当の〔氏名〕さんに〔電話番号〕へ電話した",
            ),
            ("東京都の患者さんが来た", "東京都の患者さんが来た"),
            ("詳しくは taro@example.jp まで", "詳しくは 〔メール〕 まで"),
            ("大阪市の田中医院を紹介した", "〔地名〕の〔施設名〕を紹介した"),
        ] {
            analyser.analyse(text);
            let flags = flags(analyser.normalised(), analyser.tokens());
            assert_eq!(masked(text, Span::new(0, text.len()), &flags), expected);
        }
    }

    /// A seeded case of `tests/identifying.txt`: the text, and its details.
    fn case(line: &str) -> (String, Vec<(Kind, Span<Orig>)>) {
        const KINDS: [Kind; 9] = [
            Kind::Person,
            Kind::Phone,
            Kind::Number,
            Kind::Mail,
            Kind::Address,
            Kind::Birth,
            Kind::Facility,
            Kind::Company,
            Kind::Place,
        ];
        let (mut text, mut details) = (String::new(), Vec::new());
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (detail, after) = after.split_once('}').unwrap();
            let (label, content) = detail.split_once('|').unwrap();
            let kind = KINDS.into_iter().find(|kind| kind.label() == label).unwrap();
            details.push((kind, Span::new(text.len(), text.len() + content.len())));
            text.push_str(content);
            rest = after;
        }
        text.push_str(rest);
        (text, details)
    }

    /// Prints the table of `docs/quotes.md` (`cargo test seeded -- --nocapture`) and holds what it says.
    #[test]
    fn seeded_details_are_found_and_little_else() {
        let cases: Vec<_> = include_str!("../../../tests/identifying.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(case)
            .collect();
        assert!(cases.len() >= 200, "{}", cases.len());
        let analyser = &mut analyser();
        // Per kind: seeded, found of them, flagged, flagged and seeded.
        let mut counts: BTreeMap<Kind, [usize; 4]> = BTreeMap::new();
        let mut listing = String::new();
        for (text, details) in &cases {
            let found = found(analyser, text);
            let hits = |one: &(Kind, Span<Orig>), all: &[(Kind, Span<Orig>)]| {
                all.iter().any(|(kind, span)| *kind == one.0 && span.overlaps(one.1))
            };
            for detail in details {
                let count = counts.entry(detail.0).or_default();
                count[0] += 1;
                count[1] += usize::from(hits(detail, &found));
            }
            for flag in &found {
                let count = counts.entry(flag.0).or_default();
                count[2] += 1;
                count[3] += usize::from(hits(flag, details));
            }
            let missed = details.iter().filter(|detail| !hits(detail, &found)).map(|detail| ("−", detail));
            let surplus = found.iter().filter(|flag| !hits(flag, details)).map(|flag| ("＋", flag));
            for (sign, (kind, span)) in missed.chain(surplus) {
                listing.push_str(&format!("{sign} {} 「{}」 {text}\n", kind.label(), &text[span.range()]));
            }
        }
        let mut all = [0; 4];
        let mut table = String::new();
        let row = |name: &str, [seeded, recalled, flagged, right]: [usize; 4]| {
            let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
            format!("| {name} | {seeded} | {:.2} | {:.2} |\n", share(right, flagged), share(recalled, seeded))
        };
        for (kind, count) in &counts {
            table.push_str(&row(kind.label(), *count));
            all.iter_mut().zip(count).for_each(|(all, count)| *all += count);
        }
        table.push_str(&row("all", all));
        let shown = format!("{} cases\n{table}{listing}", cases.len());
        let document = include_str!("../../../docs/quotes.md");
        assert!(document.contains(&table), "docs/quotes.md has other figures than\n{shown}");
    }
}
