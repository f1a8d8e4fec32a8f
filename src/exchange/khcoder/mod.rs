//! KH Coder's coding rules: read into rule files, and written from them.
//!
//! `read` cuts a file into codes and atoms, `parse` makes trees of them, this file writes them as conditions of ours and
//! says where the two programs differ. [`export`] goes the other way. The grammar is KH Coder 3's.

pub mod export;
mod parse;
mod read;

use std::fmt::Write;

use super::Notice;
use super::draft::{Category, File, Table, Value};
use crate::matcher::Analyser;
use crate::rule::expr::{self, Comparison, Node};
use crate::token::Class;
use crate::tokenize::Tokenizer;
use parse::{Expr, Operand, Unit};

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

/// KH Coder's names of parts of speech, ours, and what theirs is narrower by.
const PARTS_OF_SPEECH: [(&str, &str, Option<&str>); 20] = [
    ("名詞", "名詞-一般", Some("、ひらがなだけの語と 1 文字の語は別の品詞です")),
    ("サ変名詞", "名詞-サ変接続", None),
    ("形容動詞", "名詞-形容動詞語幹", None),
    ("ナイ形容", "名詞-ナイ形容詞語幹", None),
    ("固有名詞", "名詞-固有名詞", Some("、地名・人名・組織名を除きます")),
    ("地名", "名詞-固有名詞", Some("、地名だけです")),
    ("人名", "名詞-固有名詞", Some("、人名だけです")),
    ("組織名", "名詞-固有名詞", Some("、組織名だけです")),
    ("副詞可能", "名詞-副詞可能", None),
    ("代名詞", "名詞-代名詞", None),
    ("名詞B", "名詞-一般", Some("、ひらがなだけの語です")),
    ("名詞C", "名詞-一般", Some("、1 文字の語です")),
    ("感動詞", "感動詞", Some("、フィラーも含みます")),
    ("動詞", "動詞-自立", Some("、ひらがなだけの語を除きます")),
    ("動詞B", "動詞-自立", Some("、ひらがなだけの語です")),
    ("形容詞", "形容詞", Some("、ひらがなだけの語と非自立の語を除きます")),
    ("形容詞B", "形容詞", Some("、ひらがなだけの語です")),
    ("副詞", "副詞", Some("、ひらがなだけの語を除きます")),
    ("副詞B", "副詞", Some("、ひらがなだけの語です")),
    ("否定助動詞", "助動詞", Some("、ない・まい・ぬ・ん だけです")),
];

fn pos_of_ours(theirs: &str) -> Option<(&'static str, Option<&'static str>)> {
    let found = PARTS_OF_SPEECH.iter().find(|(name, ..)| *name == theirs);
    found.map(|&(_, ours, narrower)| (ours, narrower))
}

/// The kind of a word that KH Coder doesn't extract unless told to.
fn unextracted(lexeme: &crate::token::Lexeme) -> Option<&'static str> {
    let is_denial = matches!(&*lexeme.base, "ない" | "まい" | "ぬ" | "ん");
    Some(match lexeme.class {
        Class::Particle => "助詞",
        Class::Auxiliary if !is_denial => "助動詞",
        Class::Symbol => "記号",
        Class::Conjunction => "接続詞",
        Class::Adnominal => "連体詞",
        Class::Prefix => "接頭詞",
        Class::Noun if lexeme.is_pos("名詞-代名詞") => "代名詞",
        Class::Noun if lexeme.is_pos("名詞-接尾") => "接尾",
        Class::Noun if lexeme.is_pos("名詞-非自立") => "非自立の名詞",
        Class::Noun if lexeme.is_pos("名詞-数") => "数",
        Class::Verb if !lexeme.is_pos("動詞-自立") => "非自立の動詞",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::exchange::draft;
    use crate::rule::compile;

    #[test]
    fn files_of_the_usual_encodings_are_read() {
        let text = "＊受付の混雑\r\n受付 and 混む\r\nカード or 待合室\r\n";
        for encoding in [encoding_rs::UTF_8, encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
            let (bytes, _, _) = encoding.encode(text);
            let (decoded, _) = crate::read::encoding::decode(&bytes).expect("it is Japanese");
            assert_eq!(decoded, text, "{}", encoding.name());
        }
    }

    fn imported(text: &str) -> Imported {
        import(text, &Tokenizer::embedded().unwrap())
    }

    /// The condition as imported, and what was said about it.
    fn condition(condition: &str) -> (String, Vec<String>) {
        let found = imported(&format!("＊前\n受付\n＊甲\n{condition}\n＊乙\n受付\n"));
        let written = found.file.tables.iter().find_map(|table| match table {
            Table::Category(category) if category.name.text == "甲" => {
                let values = category.any.iter().chain(&category.rules);
                Some(values.map(|value| value.text.clone()).collect::<Vec<_>>().join("、"))
            }
            _ => None,
        });
        let said = found
            .notices
            .iter()
            .map(|notice| format!("{}:{} {}", notice.line, notice.column, notice.text))
            .collect();
        (written.unwrap_or_default(), said)
    }

    #[test]
    fn what_means_the_same_is_carried_over_in_silence() {
        for (theirs, ours) in [
            ("受付", "受付"),
            ("受付 or 会計 | 待合室", "受付、会計、待合室"),
            ("受付 and ( 混む or 行列 )", "受付 かつ (混む | 行列)"),
            ("受付 & ! 混む", "受付 かつ !混む"),
            ("受付 &! ( 混む or 待つ )", "受付 かつ !(混む | 待つ)"),
            ("not 受付 and 混む or 待つ", "(!受付 かつ 混む)\nまたは 待つ\n"),
            ("'人が 多い'", "「人が 多い」"),
            ("'「例」と'", "/「例」と/"),
            ("\"and\" or 受付", "'and'、受付"),
            ("near(受付-混む)", "near(受付, 混む)[全9]"),
            ("near(受付-混む)[b5]", "near(受付, 混む)[文4]"),
            ("seq(受付-混む)[d][0]", "順に(受付, 混む)[段]"),
            ("読み取り+エラー", "読み取り+エラー"),
            ("待つ >= 2", "回数(待つ) >= 2"),
            ("2 < 待つ + 並ぶ", "回数(待つ | 並ぶ) > 2"),
            ("lc >= 100", "字数() >= 100"),
            ("受付-->サ変名詞", "受付-->名詞-サ変接続"),
            ("<>県-->東京都 or <>職-->\"事務員\"", "列(県, '東京都')\nまたは 列(職, '事務員')\n"),
            ("<＊前> and 混む", "<code-1> かつ 混む"),
        ] {
            assert_eq!(condition(theirs), (ours.to_owned(), Vec::<String>::new()), "{theirs}");
        }
    }

    #[test]
    fn every_difference_is_said_with_its_place() {
        for (theirs, ours, place, said) in [
            ("受付 and (混む or 待つ)", "受付 かつ (混む | 待つ)", "4:8", "「(混む」全体が 1 つの語"),
            ("受付 ＡＮＤ 混む", "受付 かつ 混む", "4:4", "演算子ではなく語"),
            ("受付 または 混む", "受付、混む", "4:4", "演算子ではなく語"),
            ("受付｜混む", "受付、混む", "4:1", "全体が 1 つの語"),
            ("lc>=10", "字数() >= 10", "4:1", "全体が 1 つの語"),
            ("near(受付 - 混む)", "near(受付, 混む)[全9]", "4:1", "空白を入れられません"),
            ("NEAR(受付-混む)", "near(受付, 混む)[全9]", "4:1", "小文字"),
            ("near(受付-受付)", "near(受付, 受付)[全9]", "4:1", "同じ語が 2 度"),
            ("遅かっ", "遅かっ", "4:1", "原形は「遅い」"),
            ("番号札係", "番号札係", "4:1", "区切られるので"),
            ("彼 or 受付", "彼、受付", "4:1", "代名詞"),
            ("'50%'", "「50%」", "4:1", "任意の文字"),
            ("'人' >= 2", "回数(「人」) >= 2", "4:5", "含む文の数"),
            ("2025", "2025", "4:1", "いつも成り立ちます"),
            ("<*前>", "<code-1>", "4:1", "星印"),
            ("<＊前 >", "<code-1>", "4:1", "空白を入れられません"),
            ("待つ-->動詞->連用形", "待つ-->動詞-自立", "4:1", "活用形「連用形」"),
            ("待つ-->動詞B", "待つ-->動詞-自立", "4:1", "ひらがなだけの語です"),
            ("待つ=>待っ", "待っ", "4:1", "表層「待っ」"),
            ("'未閉", "未閉", "4:1", "引用符が閉じられていません"),
        ] {
            let (written, notices) = condition(theirs);
            assert_eq!(written, ours, "{theirs}");
            assert!(
                notices.iter().any(|notice| notice.starts_with(place) && notice.contains(said)),
                "{theirs}: {notices:?}"
            );
        }
    }

    #[test]
    fn what_has_no_counterpart_is_listed_and_kept_as_a_remark() {
        for (theirs, place, said) in [
            ("<>見出し1-->序", "4:1", "見出し"),
            ("受付 and lw >= 10", "4:8", "語数"),
            ("No. >= 10", "4:1", "通し番号"),
            ("<>年齢<> >= 60", "4:1", "外部変数の値"),
            ("受付 混む", "4:4", "and か or がありません"),
            ("受付 and", "4:4", "途中で終わっています"),
            ("( 受付 or 混む", "4:1", "閉じられていません"),
            ("受付 )", "4:4", "対応する「(」"),
            ("待つ * 2 >= 3", "4:4", "計算「*」"),
            ("待つ > 並ぶ", "4:4", "片方は数"),
            ("<＊乙>", "4:1", "まだ出てきていない"),
            ("<＊丙>", "4:1", "「＊丙」はありません"),
        ] {
            let found = imported(&format!("＊前\n受付\n＊甲\n{theirs}\n＊乙\n受付\n"));
            assert_eq!(found.codes, (2, 1), "{theirs}");
            let said_so = found.notices.iter().any(|notice| {
                notice.is_lost
                    && format!("{}:{}", notice.line, notice.column) == place
                    && notice.text.contains(said)
            });
            assert!(said_so, "{theirs}: {:?}", found.notices);
            let kept = found.file.tables.iter().any(
                |table| matches!(table, Table::Remark(remark) if remark.contains(theirs) && remark.contains("＊甲")),
            );
            assert!(kept, "{theirs}");
        }
    }

    #[test]
    fn imported_rules_compile_and_come_back_as_they_were() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let text = "\
#覚え
＊混雑
near(受付-混む)[b5]
or 行列

＊苦情
( <＊混雑> and 怒る )
or ( 受付 and not ( 待つ or 並ぶ ) )
or '人が多い'

＊件数
( 待つ + 並ぶ ) >= 2
or lc >= 100

";
        let found = import(text, &tokenizer);
        assert_eq!((found.codes, &found.notices[..]), ((3, 0), &[][..]));
        let written = draft::write(&found.file);
        let source = SourceFile { name: "k.toml".to_owned(), text: written.clone() };
        let compiled = compile(&[Arc::new(source)], &tokenizer);
        assert!(compiled.rulebook.is_some(), "{written}\n{:?}", compiled.diagnostics);
        let exported = export::export(&compiled.files, &tokenizer);
        assert_eq!(exported.notices, []);
        assert_eq!(exported.text, text.replace("#覚え\n", ""));
    }

    #[test]
    fn what_kh_coder_cannot_say_is_listed_with_its_place() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let text = "\
[[variant]]
name = '混む'
forms = ['込む', '混雑']
[[part]]
name = '場所'
rule = '受付 | 待合室 | 「ロビー」'
[[category]]
id = 'a'
name = '混雑'
any = ['行列', '/[0-9]+分/', '読み取れない']
rule = 'near({場所}, 混む)[節3] または 否定(空く)'
not = ['訓練']
";
        let source = SourceFile { name: "r.toml".to_owned(), text: text.to_owned() };
        let compiled = compile(&[Arc::new(source)], &tokenizer);
        assert!(compiled.rulebook.is_some(), "{:?}", compiled.diagnostics);
        let exported = export::export(&compiled.files, &tokenizer);
        assert_eq!(
            exported.text,
            "\
#「混雑」のうち、KH Coder では書けないもの
#  /[0-9]+分/（正規表現は KH Coder にありません）
#  否定(空く)（肯定・否定は KH Coder にありません）
＊混雑
( 行列
or 読み取れる+ない
or ( near(受付-混む)[b4] or near(受付-込む)[b4] or near(受付-混雑)[b4] or near(待合室-混む)[b4] or near(待合室-込む)[b4] or near(待合室-混雑)[b4] ) )
and not ( 訓練 )

"
        );
        let said: Vec<String> = exported
            .notices
            .iter()
            .map(|notice| {
                format!(
                    "{}:{}:{} {} {}",
                    notice.file, notice.line, notice.column, notice.is_lost, notice.text
                )
            })
            .collect();
        assert_eq!(said.len(), 6, "{said:#?}");
        assert!(said[0].starts_with("r.toml:10:15 true 正規表現"), "{said:#?}");
        assert!(
            said.iter().any(|line| line.contains("「ロビー」") && line.starts_with("r.toml:11:14 true")),
            "{said:#?}"
        );
    }
}
