//! How a report was counted: what its readers must know, and what it takes to make it again.

use super::Material;
use crate::document::Block;
use crate::manifest::Manifest;
use crate::statistics::{BLANK, Crosstab};

/// Digits of a checksum that are printed: enough to compare by eye.
const DIGITS: usize = 12;

/// What was counted, with what, and how the quotes were chosen.
#[derive(Debug)]
pub struct Methods<'m> {
    /// Rules, program, dictionary and the accounting.
    pub manifest: &'m Manifest,
    /// The answers by survey wave.
    pub waves: Option<&'m Crosstab>,
    /// What the answers were limited to, such as 区分＝病院.
    pub limits: &'m [String],
    /// Excerpts left out because they might tell who wrote them.
    pub withheld: usize,
    /// Whether an editor's selection was used.
    pub is_selected: bool,
    /// Whether only what the editor chose is printed.
    pub is_chosen_only: bool,
    /// Whether quotes are printed at all.
    pub has_quotes: bool,
}

impl Methods<'_> {
    pub(super) fn blocks(&self, material: &Material<'_>) -> Vec<Block> {
        let Manifest { program, lindera, dictionary, rules, accounting, .. } = self.manifest;
        let answered = material.tally.totals().answered.respondents();
        let mut items = Vec::new();
        if !self.limits.is_empty() {
            items.push(format!("対象を「{}」の回答に限った。", self.limits.join("」「")));
        }
        items.push(format!(
            "記述 {} 件（回答あり {}、特になし {}、空欄 {}）。回答あり {} 件のうち、カテゴリの付いたもの {} 件。何かを書いた回答者は {answered} 人。",
            accounting.comments, accounting.answered, accounting.nothing, accounting.empty, accounting.answered, accounting.tagged
        ));
        if let Some(waves) = self.waves {
            let waves = waves.columns().into_iter().map(|column| {
                let value = if column.value.is_empty() { BLANK } else { &column.value };
                format!("{value}（{} 件）", column.answered)
            });
            items.push(format!("調査時期: {}。", waves.collect::<Vec<_>>().join("、")));
        }
        items.push("1 件の記述に複数のカテゴリが付く（複数回答）。件数の合計は記述の数に、割合の合計は 100 % にならない。".to_owned());
        items.push(format!(
            "カテゴリは、ルール辞書（{}、{} カテゴリ、照合値 {}）により、{} {}（lindera {}、{}）で機械的に付けた。",
            rules.source,
            rules.categories,
            rules.sha256.get(..DIGITS).unwrap_or(&rules.sha256),
            program.name,
            program.version,
            lindera.version,
            dictionary.name
        ));
        if self.has_quotes {
            let by = match (self.is_selected, self.is_chosen_only) {
                (true, true) => "編集者が選んだ",
                (true, false) => "編集者が選び、不足を機械的に補った",
                (false, _) => "カテゴリごとに典型的で読みやすいものを機械的に選んだ",
            };
            items.push(format!(
                "事例は回答のままで、{by}。「…」は省略、（ ）の地名はほぼ同じ内容の回答があった所を示す。"
            ));
            if self.withheld > 0 {
                items.push(format!(
                    "個人や施設が分かる恐れのある記述 {} 種は、事例の候補から除いた。",
                    self.withheld
                ));
            }
        }
        let heading = Block::Heading(1, "集計の方法".to_owned());
        std::iter::once(heading).chain(items.into_iter().map(Block::Item)).collect()
    }
}
