//! The words a survey needs beyond the dictionary: `dictionaries/user.csv` and files given by `--user-dictionary`.
//!
//! One word a line, `表記,原形,品詞,読み`. Spellings of one word name the same 原形 and so become one word for the rules.
//! A line that starts with `#` is a comment; a first line with the column names is skipped. What a word costs in
//! the lattice is worked out from the dictionary by [`crate::tokenize`], not written here.

use std::path::Path;

use crate::error::{Error, Result};
use crate::normalise::normalise;

/// How a word conjugates and combines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 名詞: a plain noun.
    Noun,
    /// サ変: a noun that becomes a verb with する.
    ActionNoun,
    /// 固有名詞: a name.
    ProperNoun,
    /// 形容動詞: a noun that takes な.
    AdjectivalNoun,
    /// 一段: a verb ending in -eru or -iru, given by its base form.
    IchidanVerb,
}

impl Kind {
    /// The names accepted in the third column, with what they mean.
    pub const NAMES: [(&'static str, Kind); 5] = [
        ("名詞", Kind::Noun),
        ("サ変", Kind::ActionNoun),
        ("固有名詞", Kind::ProperNoun),
        ("形容動詞", Kind::AdjectivalNoun),
        ("一段", Kind::IchidanVerb),
    ];
}

/// One entry of a user dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserWord {
    /// The spelling, normalised as the texts are.
    pub surface: String,
    /// The base form the spelling counts as; for a verb the base form of its class of spellings.
    pub base: String,
    /// Its kind.
    pub kind: Kind,
    /// Reading in katakana; may be empty.
    pub reading: String,
}

/// The words shipped with the program.
pub fn shipped() -> Vec<UserWord> {
    parse("dictionaries/user.csv", include_str!("../dictionaries/user.csv"))
        .expect("the shipped user dictionary is tested")
}

/// Reads the user dictionary at `path`.
///
/// # Errors
/// If the file can't be read, is not UTF-8, or has a line that is no word; the error names the line.
pub fn read(path: &Path) -> Result<Vec<UserWord>> {
    let source = std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
    parse(&path.display().to_string(), &source)
}

fn parse(name: &str, source: &str) -> Result<Vec<UserWord>> {
    let source = source.strip_prefix('\u{FEFF}').unwrap_or(source);
    let mut words = Vec::new();
    for (at, line) in source.lines().enumerate() {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if line.trim().is_empty() || line.starts_with('#') || cells[0] == "表記" {
            continue;
        }
        words.push(word(&cells).map_err(|problem| Error::Dictionary {
            dictionary: name.to_owned(),
            line: Some(at as u64 + 1),
            problem,
        })?);
    }
    Ok(words)
}

fn word(cells: &[&str]) -> std::result::Result<UserWord, String> {
    if !(2..=4).contains(&cells.len()) {
        return Err(format!(
            "列が {} つあります。「表記,原形,品詞,読み」の 4 つを書いてください",
            cells.len()
        ));
    }
    let cell = |at: usize| cells.get(at).copied().unwrap_or("");
    let surface = normalise(cell(0)).text().to_owned();
    if surface.is_empty() {
        return Err("表記が空です".to_owned());
    }
    if surface.contains(|c: char| c.is_whitespace() || "。、\"".contains(c)) {
        return Err(format!("表記「{}」に空白や句読点は使えません", cell(0)));
    }
    let kind = match cell(2) {
        "" => Kind::Noun,
        name => {
            Kind::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind).ok_or_else(|| {
                let known: Vec<&str> = Kind::NAMES.iter().map(|&(name, _)| name).collect();
                format!("品詞「{name}」は使えません。使えるのは {} です", known.join("・"))
            })?
        }
    };
    let base = if cell(1).is_empty() { surface.clone() } else { normalise(cell(1)).text().to_owned() };
    if kind == Kind::IchidanVerb && !(surface.ends_with('る') && base.ends_with('る')) {
        return Err(format!("一段動詞は「る」で終わる基本形で書いてください（「{}」）", cell(0)));
    }
    Ok(UserWord { surface, base, kind, reading: cell(3).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_parse_and_are_not_repeated() {
        let words = shipped();
        let mut seen = std::collections::BTreeSet::new();
        for word in &words {
            assert!(
                seen.insert((&word.surface, word.kind == Kind::IchidanVerb)),
                "{} stands twice",
                word.surface
            );
        }
        assert!(words.len() >= 30);
    }

    #[test]
    fn a_line_that_is_no_word_is_named() {
        for (source, line, problem) in [
            ("表記,原形,品詞,読み\nオン資,,名詞\na,b,c,d,e\n", 3, "列が 5 つ"),
            ("オン資,,代名詞,オンシ\n", 1, "品詞「代名詞」"),
            ("# 注\n,x,名詞,\n", 2, "表記が空"),
            ("紐づけ,紐づけ,一段,\n", 1, "一段動詞"),
        ] {
            let Err(Error::Dictionary { line: found, problem: said, .. }) = parse("u.csv", source) else {
                panic!("{source} was accepted");
            };
            assert_eq!(found, Some(line));
            assert!(said.contains(problem), "{said}");
        }
    }
}
