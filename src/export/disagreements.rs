//! The list of disagreements, a row per comment and category: what a rule author goes through after a change.
//!
//! Specified in `docs/output.md`; what a disagreement is and why a rule missed is said by [`crate::evaluate`].

use crate::classify::Tag;
use crate::evaluate::disagreement::{Disagreement, Kind};
use crate::evaluate::pairs::{Pairs, Predictor};
use crate::explain::near_miss::NearMiss;
use crate::export::table::{self, Rows};
use crate::rule::Rulebook;

const HEADERS: [&str; 10] =
    ["番号", "問", "カテゴリ", "ID", "種類", "本文", "根拠", "ルール", "成り立った部分", "足りない部分"];

/// Between the pieces of one cell.
const SEPARATOR: &str = " / ";

/// Appends the whole file.
pub fn write(out: &mut Vec<u8>, pairs: &Pairs, rulebook: &Rulebook) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    for header in HEADERS {
        rows.cell(header);
    }
    rows.end();
    for disagreement in pairs.disagreements() {
        row(&mut rows, &disagreement, pairs.predictor, rulebook);
    }
}

fn row(rows: &mut Rows<'_>, disagreement: &Disagreement<'_>, predictor: Predictor, rulebook: &Rulebook) {
    let comment = &disagreement.pair.comment;
    let category = rulebook.category(disagreement.category);
    let kind = match (&disagreement.kind, predictor) {
        (Kind::PredictionOnly(_), Predictor::Rules) => "誤検出",
        (Kind::GoldOnly(_), Predictor::Rules) => "見逃し",
        (Kind::PredictionOnly(_), Predictor::Coder) => "2 人目だけ",
        (Kind::GoldOnly(_), Predictor::Coder) => "1 人目だけ",
    };
    for cell in [&comment.id(), comment.question(), &category.name, &category.id, kind, comment.text()] {
        rows.cell(cell);
    }
    let cells = match disagreement.kind {
        Kind::PredictionOnly(Some(tag)) => evidence_cells(tag, comment.text(), rulebook),
        Kind::GoldOnly(Some(near_miss)) => near_miss_cells(near_miss),
        Kind::PredictionOnly(None) | Kind::GoldOnly(None) => [const { String::new() }; 4],
    };
    for cell in &cells {
        rows.cell(cell);
    }
    rows.end();
}

/// Texts and rules of the evidence, place by place.
fn evidence_cells(tag: &Tag, text: &str, rulebook: &Rulebook) -> [String; 4] {
    let texts: Vec<&str> = tag.evidence.iter().map(|evidence| &text[evidence.span.range()]).collect();
    let rules: Vec<&str> = tag.evidence.iter().map(|evidence| rulebook.rule_label(evidence.rule)).collect();
    [texts.join(SEPARATOR), rules.join(SEPARATOR), String::new(), String::new()]
}

fn near_miss_cells(near_miss: &NearMiss) -> [String; 4] {
    let held: Vec<String> = near_miss
        .held
        .iter()
        .map(|held| match &*held.found {
            "" => held.part.clone(),
            found => format!("{} →「{found}」", held.part),
        })
        .collect();
    let rule = near_miss.rule.clone().unwrap_or_default();
    [String::new(), rule, held.join(SEPARATOR), near_miss.obstacle.describe()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::gold::Labels;
    use crate::evaluate::pairs::Paired;
    use crate::explain::near_miss::{HeldPart, Obstacle};
    use crate::export::fixture::{category, long, rulebook, tagging};

    #[test]
    fn false_positives_show_their_evidence_and_misses_the_closest_rule() {
        let text = "顔認証、名前も●、また●";
        let near_miss = NearMiss {
            site: None,
            rule: Some("face-auth/1".to_owned()),
            held: vec![
                HeldPart { part: "顔認証".to_owned(), found: "顔認証".to_owned() },
                HeldPart { part: "列(問, '問7')".to_owned(), found: String::new() },
            ],
            obstacle: Obstacle::Missing("否定(できる)".to_owned()),
        };
        let pair = Paired {
            comment: long("=1", "問7", "東京都", text),
            gold: Labels::new(vec![category(0)]),
            predicted: Labels::new(vec![category(1)]),
            tagging: tagging(text, &[(1, &["名前も●", "また●"])]),
            near_misses: vec![(category(0), near_miss)],
        };
        let mut pairs = Pairs {
            pairs: vec![pair],
            predictor: Predictor::Rules,
            held_out: None,
            only_first: 0,
            only_second: 0,
        };
        let written = |pairs: &Pairs| {
            let mut out = Vec::new();
            write(&mut out, pairs, &rulebook());
            String::from_utf8(out).unwrap()
        };
        let header = "\u{feff}番号,問,カテゴリ,ID,種類,本文,根拠,ルール,成り立った部分,足りない部分\r\n";
        assert_eq!(
            written(&pairs),
            format!(
                "{header}'=1,問7,顔認証失敗,face-auth,見逃し,{text},,face-auth/1,\"顔認証 →「顔認証」 / 列(問, '問7')\",否定(できる)\r\n\
                 '=1,問7,●表記,black-circle,誤検出,{text},名前も● / また●,black-circle/1 / black-circle/1,,\r\n"
            )
        );
        let pair = &mut pairs.pairs[0];
        (pair.tagging, pair.near_misses, pairs.predictor) =
            (Default::default(), Vec::new(), Predictor::Coder);
        let coders = written(&pairs);
        assert!(
            coders.contains("face-auth,1 人目だけ,") && coders.contains("black-circle,2 人目だけ,"),
            "{coders}"
        );
    }
}
