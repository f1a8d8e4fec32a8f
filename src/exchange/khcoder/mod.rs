//! KH Coder's coding rules: read into rule files, and written from them.
//!
//! `read` cuts a file into codes and atoms, `parse` makes trees of them, this file writes them as conditions of ours and
//! says where the two programs differ. [`export`] goes the other way. The grammar is KH Coder 3's.

pub mod export;
mod lex;
mod parse;
mod pos;
mod read;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::Notice;
use super::draft::{Category, File, Table, Value};
use crate::matcher::Analyser;
use crate::rule::expr::{self, Comparison, Node};
use crate::tokenize::Tokenizer;
use parse::{Expr, Operand, Unit};
use pos::{pos_of_ours, unextracted};

/// Line and column in characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

/// What a coding rule file came to.
#[derive(Debug)]
pub struct Imported {
    /// The rules.
    pub file: File,
    /// How many codes are categories now, and how many could not be carried over.
    pub codes: (usize, usize),
    /// What means something else now, and what is missing, in the order of the file.
    pub notices: Vec<Notice>,
}

/// What holds for every code, whatever it says.
pub const GENERAL: [&str; 4] = [
    "単位は 1 つの回答です。KH Coder では、段落・H1〜H5 など、実行するときに選んだ単位です",
    "語は、原形のほか、書いたとおりの形にも当たります。品詞の選択や「使用しない語」の設定は効きません",
    "半角と全角、空白の入れ方、「ー」と「－」などの違いは、そろえてから比べます",
    "否定は分けていません。「できる」は「できない」にも当たります。分けるには 否定( )・肯定( ) を使います",
];

/// Makes rules of a coding rule file. `text` has no byte order mark; `tokenizer` tells which words KH Coder would miss.
pub fn import(text: &str, tokenizer: &Tokenizer) -> Imported {
    let read = read::read(text);
    let mut importer = Importer {
        analyser: Analyser::new(tokenizer),
        known: Vec::new(),
        heads: read.codes.iter().map(|code| code.name.clone()).collect(),
        notices: Vec::new(),
        item: String::new(),
    };
    let mut file = File { remark: general_remark(), ..File::default() };
    for (line, text) in &read.stray {
        importer.notice(
            Place { line: *line, column: 1 },
            true,
            format!("最初のコード名（＊…）より前の行です: {text}"),
        );
    }
    let (mut imported, mut lost) = (0, 0);
    for code in &read.codes {
        importer.item.clone_from(&code.name);
        match importer.code(code, imported + 1) {
            Some(category) => {
                imported += 1;
                importer.known.push((code.name.clone(), category.id.text.clone()));
                file.tables.push(Table::Category(Box::new(category)));
            }
            None => {
                lost += 1;
                let mut remark = code.remarks.join("\n");
                if !remark.is_empty() {
                    remark.push('\n');
                }
                remark += "取り込めなかったコード:\n";
                remark += &code.name;
                for line in &code.lines {
                    remark.push('\n');
                    remark += line;
                }
                file.tables.push(Table::Remark(remark));
            }
        }
    }
    file.end = read.remarks.join("\n");
    importer.notices.sort_by_key(|notice| (notice.line, notice.column));
    Imported { file, codes: (imported, lost), notices: importer.notices }
}

fn general_remark() -> String {
    format!(
        "KH Coder のコーディング・ルールから取り込んだもの。どのコードにも共通する違い:\n{}",
        GENERAL.map(|line| format!("・{line}")).join("\n")
    )
}

struct Importer {
    analyser: Analyser,
    /// Codes already carried over: name with its star, and id.
    known: Vec<(String, String)>,
    /// The names of all codes.
    heads: Vec<String>,
    notices: Vec<Notice>,
    /// The code at hand.
    item: String,
}

impl Importer {
    fn notice(&mut self, place: Place, is_lost: bool, text: String) {
        let item = self.item.clone();
        let (line, column) = (place.line, place.column);
        self.notices.push(Notice { file: String::new(), line, column, item, is_lost, text });
    }

    fn differ(&mut self, place: Place, text: impl Into<String>) {
        self.notice(place, false, text.into());
    }

    /// The category of a code; `None` if it can't be carried over, which has been said.
    fn code(&mut self, code: &read::Code, number: usize) -> Option<Category> {
        let name = bare(&code.name).to_owned();
        if self.known.iter().any(|(known, _)| bare(known) == name) {
            self.notice(
                code.place,
                true,
                "同じ名前のコードがもうあります。先のものだけを取り込みました".to_owned(),
            );
            return None;
        }
        if code.atoms.is_empty() {
            self.notice(code.place, true, "条件がありません".to_owned());
            return None;
        }
        let parsed = match parse::parse(&code.atoms) {
            Ok(parsed) => parsed,
            Err(problem) => {
                self.notice(problem.place, true, problem.text);
                return None;
            }
        };
        let before = self.notices.len();
        for difference in parsed.differences {
            self.differ(difference.place, difference.text);
        }
        if bare(&code.name).len() != code.name.trim_start_matches(['*', '＊']).len() {
            self.differ(code.place, "コード名の前後の空白を外しました。KH Coder では名前の一部です");
        }
        let mut category = Category {
            remark: code.remarks.join("\n"),
            id: Value::from(&*format!("code-{number}")),
            name: Value::from(&*name),
            ..Category::default()
        };
        let alternatives = match &parsed.expr {
            Expr::Or(operands) => &operands[..],
            other => std::slice::from_ref(other),
        };
        // Mixed with `または`, `かつ` is shown in brackets.
        let within = if alternatives.len() > 1 { Tightness::Or } else { Tightness::And };
        let written: Option<Vec<String>> =
            alternatives.iter().map(|alternative| self.condition(alternative, within)).collect();
        let Some(written) = written else {
            // What differs in a code that isn't there is no news.
            let said = self.notices.split_off(before);
            self.notices.extend(said.into_iter().filter(|notice| notice.is_lost));
            return None;
        };
        let is_term = |expr: &Expr| {
            matches!(expr, Expr::Operand(Operand::Word(_) | Operand::Text(_) | Operand::Phrase(_), _))
        };
        if alternatives.iter().all(is_term) {
            category.any = written.iter().map(|term| Value::from(&**term)).collect();
        } else {
            let lines = written.join("\nまたは ");
            let rule = if written.len() == 1 { lines } else { lines + "\n" };
            category.rules = vec![Value::from(&*rule)];
        }
        Some(category)
    }

    /// A condition in our language; `None` if some of it can't be said, which has been said.
    fn condition(&mut self, expr: &Expr, within: Tightness) -> Option<String> {
        let (text, tightness) = match expr {
            Expr::Or(operands) => (self.joined(operands, " | ", Tightness::Or)?, Tightness::Or),
            Expr::And(operands) => (self.joined(operands, " かつ ", Tightness::And)?, Tightness::And),
            Expr::Not(inner) => (format!("!{}", self.condition(inner, Tightness::Atom)?), Tightness::Not),
            Expr::Count(inner, comparison, number) => {
                let inner = self.condition(inner, Tightness::Or)?;
                (format!("回数({inner}) {} {number}", sign(*comparison)), Tightness::Not)
            }
            Expr::Length(comparison, number) => {
                (format!("字数() {} {number}", sign(*comparison)), Tightness::Not)
            }
            Expr::Operand(operand, place) => (self.operand(operand, *place)?, Tightness::Atom),
        };
        // Mixed operators get brackets even where they need none.
        let needs_brackets = tightness < within || (tightness == Tightness::And && within == Tightness::Or);
        Some(if needs_brackets { format!("({text})") } else { text })
    }

    fn joined(&mut self, operands: &[Expr], sign: &str, own: Tightness) -> Option<String> {
        let parts: Vec<Option<String>> =
            operands.iter().map(|operand| self.condition(operand, own)).collect();
        Some(parts.into_iter().collect::<Option<Vec<String>>>()?.join(sign))
    }

    fn operand(&mut self, operand: &Operand, place: Place) -> Option<String> {
        Some(match operand {
            Operand::Word(word) => {
                self.check_word(word, place);
                term(word)
            }
            Operand::Text(text) => literal(text),
            Operand::Phrase(words) => {
                words.iter().for_each(|word| self.check_word(word, place));
                words.iter().map(|word| term(word)).collect::<Vec<_>>().join("+")
            }
            Operand::Near { words, is_ordered, unit, distance } => {
                words.iter().for_each(|word| self.check_word(word, place));
                let words: Vec<String> = words.iter().map(|word| term(word)).collect();
                let unit = match unit {
                    Unit::Whole => "全",
                    Unit::Sentence => "文",
                    Unit::Paragraph => "段",
                };
                // They count the steps from word to word, we the words between.
                let distance = distance.map_or(String::new(), |steps| steps.saturating_sub(1).to_string());
                format!(
                    "{}({})[{unit}{distance}]",
                    if *is_ordered { "順に" } else { "near" },
                    words.join(", ")
                )
            }
            Operand::Token { word, pos, surface } => {
                self.token(word, pos.as_deref(), surface.as_deref(), place)
            }
            Operand::Column { name, value } => format!("列({}, {})", term(name), apostrophes(value)),
            Operand::Code(name) => return self.reference(name, place),
        })
    }

    fn token(&mut self, word: &str, pos: Option<&str>, surface: Option<&str>, place: Place) -> String {
        let mut text = match surface {
            Some(surface) => {
                self.differ(
                    place,
                    format!(
                        "表層「{surface}」の指定は、「{surface}」と書かれた所か、それが原形の語に当たります"
                    ),
                );
                term(surface)
            }
            None => {
                if pos.is_none() {
                    self.check_word(word, place);
                }
                term(word)
            }
        };
        if let Some(pos) = pos {
            match pos_of_ours(pos) {
                Some((ours, None)) => text = format!("{text}-->{ours}"),
                Some((ours, Some(note))) => {
                    self.differ(place, format!("品詞「{pos}」は「{ours}」にしました。KH Coder では{note}"));
                    text = format!("{text}-->{ours}");
                }
                None => self.differ(
                    place,
                    format!("品詞「{pos}」に当たるものがないので外しました。どの品詞にも当たります"),
                ),
            }
        }
        text
    }

    /// `<name>`: KH Coder wants the name letter by letter, star included, and the code above.
    fn reference(&mut self, name: &str, place: Place) -> Option<String> {
        let exact = self.known.iter().find(|(known, _)| known == name);
        let found = exact.or_else(|| self.known.iter().find(|(known, _)| bare(known) == bare(name)));
        if let Some((known, id)) = found {
            let text = format!("<{id}>");
            if known != name {
                let known = known.clone();
                self.differ(place, format!("KH Coder では「{name}」というコードはありません（「{known}」の星印や空白が違います）。そのコードとみなしました"));
            }
            return Some(text);
        }
        let is_later = self.heads.iter().any(|head| bare(head) == bare(name));
        let reason = if is_later {
            format!("コード「{name}」は、まだ出てきていないか、取り込めませんでした")
        } else {
            format!("コード「{name}」はありません")
        };
        self.notice(place, true, reason);
        None
    }

    /// Says why KH Coder never finds a word, where it doesn't.
    fn check_word(&mut self, word: &str, place: Place) {
        self.analyser.analyse(word);
        let tokens = self.analyser.tokens();
        let text = match tokens.len() {
            0 => return,
            1 => {
                let lexeme = tokens.lexeme(0);
                if let Some(kind) = unextracted(lexeme) {
                    format!(
                        "「{word}」は、KH Coder では既定で抽出されない品詞（{kind}）なので 0 件です。jirei では当たります"
                    )
                } else if *lexeme.base != *tokens.text {
                    format!(
                        "「{word}」は活用した形（原形は「{}」）なので、KH Coder では 0 件です。jirei では、この形に当たります",
                        lexeme.base
                    )
                } else {
                    return;
                }
            }
            count => {
                let surfaces: Vec<&str> = (0..count).map(|at| tokens.surface(at)).collect();
                format!(
                    "「{word}」は「{}」に区切られるので、KH Coder では強制抽出などで 1 語にしていなければ 0 件です。jirei では、この並びに当たります",
                    surfaces.join("|")
                )
            }
        };
        self.differ(place, text);
    }
}

/// How tightly a part of a condition holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Atom,
}

/// A code's name without its star and outer blanks.
fn bare(name: &str) -> &str {
    name.strip_prefix(['*', '＊']).unwrap_or(name).trim()
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => ">=",
        Comparison::AtMost => "<=",
        Comparison::More => ">",
        Comparison::Less => "<",
        Comparison::Equal => "==",
    }
}

/// A word as our conditions write it: in quotes where it would mean something else.
fn term(word: &str) -> String {
    match expr::parse(word) {
        Ok(parsed) if parsed.warnings.is_empty() && parsed.expr.node == Node::Word(word.to_owned()) => {
            word.to_owned()
        }
        _ => apostrophes(word),
    }
}

fn apostrophes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Raw text as our conditions write it.
fn literal(text: &str) -> String {
    if !text.contains('」') {
        return format!("「{text}」");
    }
    let mut pattern = String::from("/");
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            pattern.push('\\');
        }
        write!(pattern, "{c}").expect("a String takes everything");
    }
    pattern + "/"
}
