//! What each column of a table means: what the user said, or else what its header and its first cells suggest.
//!
//! A closed question must not pass for free text by its header alone: 問1 may hold はい and いいえ, or several options
//! joined by `;`. So the cells of a column called 問1 or 回答 are looked at too, see [`Look`]. Every choice is
//! reported, and `--id`, `--text`, `--question` overrule all of it.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::{Options, refuse};
use crate::comment::{Comment, Schema, Status, bare};
use crate::error::{Error, Result};
use crate::normalise::normalise;

/// The columns the user asked for, by name. What is not asked for is recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column that identifies the respondent.
    pub id: Option<String>,
    /// The columns that hold answers. None: recognise them.
    pub texts: Vec<String>,
    /// The column that names the question of a long table.
    pub question: Option<String>,
}

// The names below are separated by `|` and compared with a header's letters and digits only, see `letters`.

const ID_NAMES: &str = "id|no|番号|回答番号|回答id|回答者番号|回答者id|受付番号|受付id|整理番号|通し番号|通番|連番|\
    管理番号|管理id|調査票番号|票番号|事例番号|サンプル番号|respondentid|responseid";

const QUESTION_NAMES: &str = "question|問|設問|質問|問番号|設問番号|質問番号|設問名|設問文|質問文";

/// Names of free text whatever the cells are.
const TEXT_NAMES: &str = "text|freetext|テキスト|本文";

/// As [`TEXT_NAMES`], also at the end of a longer title: 問7_自由記述.
const TEXT_ENDINGS: &str = "自由記述|自由記述欄|自由回答|自由記入|自由意見";

/// Names of free text unless the cells say otherwise.
const LIKELY_TEXT_NAMES: &str = "answer|comment|comments|コメント|回答|回答内容|回答文|記述|記述内容|記述回答|意見|意見要望|\
    ご意見|ご要望|ご意見ご要望|内容|具体的内容|具体的な内容|事例|トラブル事例|トラブルの事例|トラブル内容|トラブルの内容";

/// Decides on the columns of a table. The findings are Japanese lines that say how; the last list is of the columns that
/// could have been answers but for their cells, or that the user called closed questions.
pub(super) fn recognise(
    input: &str,
    headers: Vec<String>,
    sample: &[&StringRecord],
    options: &Options,
) -> Result<(Schema, Vec<String>, Vec<usize>)> {
    let wanted = &options.columns;
    let find = |name: &String| find_column(input, &headers, name);
    let mut id = wanted.id.as_ref().map(find).transpose()?;
    let mut texts = wanted.texts.iter().map(find).collect::<Result<Vec<_>>>()?;
    let mut question = wanted.question.as_ref().map(find).transpose()?;
    let mut taken = BTreeSet::new();
    let mut asked = id.iter().chain(&texts).chain(&question).copied();
    if let Some(twice) = asked.find(|&column| !taken.insert(column)) {
        let problem = format!("列「{}」が 2 度指定されています", headers[twice]);
        let hint = "`--id` `--text` `--question` には別々の列を指定してください";
        return Err(refuse(input, None, problem, hint));
    }

    let names: Vec<String> = headers.iter().map(|header| letters(&fold(header))).collect();
    let named = |known, taken: &BTreeSet<usize>| {
        (0..names.len()).find(|column| !taken.contains(column) && is_among(known, &names[*column]))
    };
    id = id.or_else(|| named(ID_NAMES, &taken));
    taken.extend(id);
    let mut closed = options.closed.iter().map(find).collect::<Result<Vec<_>>>()?;
    let asked_closed = closed.len();
    if texts.is_empty() && question.is_none() && is_tagged_wide(&headers) {
        let ours = |name: &str| headers.iter().position(|header| header == name);
        texts.extend(ours("本文"));
        question = ours("問");
    } else if texts.is_empty() {
        let is_open = |column: &usize| !taken.contains(column) && !closed.contains(column);
        let candidates: Vec<usize> = (0..headers.len()).filter(is_open).collect();
        for column in candidates {
            match judge(&names[column], || Look::at(sample, column)) {
                Some(true) => texts.push(column),
                Some(false) => closed.push(column),
                None => {}
            }
        }
    }
    taken.extend(&texts);
    match (texts.len(), question) {
        (0, _) => {
            let all = quoted(&headers, &Vec::from_iter(0..headers.len()));
            let hint = format!("`--text 列名` で指定してください。このファイルにある列: {all}");
            return Err(refuse(input, None, "本文（自由記述）の列が分かりません", hint));
        }
        (1, _) => question = question.or_else(|| named(QUESTION_NAMES, &taken)),
        (_, None) => {}
        (_, Some(question)) => {
            let (titles, title) = (quoted(&headers, &texts), &headers[question]);
            let problem = format!("本文の列が複数（{titles}）あるので、問の列「{title}」を使えません");
            let hint = "問の列は、1 行に 1 つの回答がある表のためのものです。`--text` で本文を 1 列にするか、`--question` を外してください";
            return Err(refuse(input, None, problem, hint));
        }
    }
    taken.extend(question);
    let others = (0..headers.len()).filter(|column| !taken.contains(column));
    let attributes = match &options.attributes {
        Some(names) => {
            let asked = names.iter().map(find).collect::<Result<BTreeSet<_>>>()?;
            others.filter(|column| asked.contains(column)).collect()
        }
        None => others.collect(),
    };
    let nothing = options.nothing.iter().map(|text| bare(text)).collect();
    let schema = Schema { headers, id, texts, question, attributes, nothing };
    let findings = describe(&schema, wanted, &closed[asked_closed..]);
    Ok((schema, findings, closed))
}

/// Whether the table is a tagged one of ours with several answers to a row, which has each answer a second time, in a row
/// of its own with its question.
fn is_tagged_wide(headers: &[String]) -> bool {
    ["問", "本文", "状態", "カテゴリ"].iter().all(|name| headers.iter().any(|header| header == name))
}

/// The column the user calls `name`: by the exact header, else by one that differs only in width, case and blanks.
fn find_column(input: &str, headers: &[String], name: &str) -> Result<usize> {
    if let Some(column) = headers.iter().position(|header| header == name) {
        return Ok(column);
    }
    let similar: Vec<usize> =
        (0..headers.len()).filter(|&column| fold(&headers[column]) == fold(name)).collect();
    match similar[..] {
        [column] => Ok(column),
        [] => Err(Error::MissingColumn {
            input: input.to_owned(),
            wanted: name.to_owned(),
            headers: headers.to_vec(),
        }),
        _ => {
            let problem = format!("列「{name}」に当てはまる列が複数あります: {}", quoted(headers, &similar));
            Err(refuse(input, None, problem, "見出しのとおりの文字（全角・半角も同じ）で指定してください"))
        }
    }
}

/// Whether a column is free text, by its name and, where that is not enough, by its cells; `None` if its name is no
/// name of answers at all.
fn judge(name: &str, look: impl Fn() -> Look) -> Option<bool> {
    if is_among(TEXT_NAMES, name) || TEXT_ENDINGS.split('|').any(|ending| name.ends_with(ending)) {
        Some(true)
    } else if is_among(LIKELY_TEXT_NAMES, name) {
        Some(look().may_be_free_text())
    } else {
        is_numbered_question(name).then(|| look().is_free_text())
    }
}

/// 問7, 設問3 トラブルの事例, Q12_自由記述.
fn is_numbered_question(name: &str) -> bool {
    ["問", "設問", "質問", "q"]
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix))
        .any(|rest| rest.starts_with(char::is_numeric))
}

/// What the sampled cells of a column look like.
///
/// Blanks and 特になし don't count. An answer is split at `,` `;` `、` and line breaks, where several chosen options are
/// joined, and each part is reduced to its letters, so that 3件 and 12件 are the same part and 12 is none. Options come
/// back again and again, prose hardly ever does.
#[derive(Debug)]
struct Look {
    answers: usize,
    /// Mean length of an answer, in characters.
    mean_length: f64,
    /// Share of different parts among all parts, 0 to 1.
    variety: f64,
}

impl Look {
    /// Answers from which on a sample says something about variety by itself: 4 options make at most 0.2 of 20.
    const ENOUGH: usize = 20;

    fn at(sample: &[&StringRecord], column: usize) -> Look {
        let cells = sample
            .iter()
            .filter_map(|row| row.get(column))
            .filter(|cell| Comment::from_text(cell).status() == Status::Answered);
        let (mut answers, mut chars, mut parts) = (0, 0, 0);
        let mut different = BTreeSet::new();
        for cell in cells {
            answers += 1;
            chars += cell.chars().count();
            for part in cell.split([',', ';', '，', '；', '、', '\n']) {
                let letters: String = part.chars().filter(|c| c.is_alphabetic()).collect();
                if !letters.is_empty() {
                    parts += 1;
                    different.insert(letters);
                }
            }
        }
        let share = |count: usize, all: usize| if all == 0 { 0.0 } else { count as f64 / all as f64 };
        Look { answers, mean_length: share(chars, answers), variety: share(different.len(), parts) }
    }

    /// Sentences (8 characters or more on average) that don't come from a list of options, or short answers most of
    /// which are different.
    fn is_free_text(&self) -> bool {
        (self.mean_length >= 8.0 && self.variety > 0.3)
            || (self.answers >= Self::ENOUGH && self.variety > 0.5)
    }

    /// The judgement in favour of a column whose name speaks for it: too few answers are no objection.
    fn may_be_free_text(&self) -> bool {
        self.answers < Self::ENOUGH || self.is_free_text()
    }
}

/// How the columns were understood. `closed` are those that could have been answers but for their cells.
fn describe(schema: &Schema, wanted: &Columns, closed: &[usize]) -> Vec<String> {
    let how = |asked: bool| if asked { "指定" } else { "見出しから判断" };
    let title = |column: usize| &schema.headers[column];
    let mut findings = vec![match schema.id {
        Some(id) => format!("ID の列: 「{}」（{}）", title(id), how(wanted.id.is_some())),
        None => "ID の列: なし（行の番号を使います）".to_owned(),
    }];
    let texts = quoted(&schema.headers, &schema.texts);
    findings.push(format!("本文の列: {texts}（{}）", how(!wanted.texts.is_empty())));
    if !closed.is_empty() {
        let why = "選択肢か短い回答とみなしました。本文なら、本文の列をすべて `--text` で指定してください";
        findings.push(format!("本文にしなかった列: {}（{why}）", quoted(&schema.headers, closed)));
    }
    if let Some(question) = schema.question {
        findings.push(format!("問の列: 「{}」（{}）", title(question), how(wanted.question.is_some())));
    }
    findings
}

/// A header as compared with what the user typed.
fn fold(header: &str) -> String {
    normalise(header).text().trim().to_lowercase()
}

/// A folded header as compared with the names known here: `no.` is `no`, `【問7】` is `問7`.
fn letters(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_among(names: &str, name: &str) -> bool {
    names.split('|').any(|known| known == name)
}

/// 「問7」「問13」
fn quoted(headers: &[String], columns: &[usize]) -> String {
    columns.iter().map(|&column| format!("「{}」", headers[column])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recognises the columns of `rows`, the header first, cells separated by `|`.
    fn table(rows: &[&str], wanted: &Columns) -> Result<(Schema, Vec<String>)> {
        let mut rows = rows.iter().map(|row| row.split('|').collect::<StringRecord>());
        let headers = rows.next().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<StringRecord> = rows.collect();
        let (schema, findings, _) =
            recognise("t.csv", headers, &rows.iter().collect::<Vec<_>>(), &Options::from(wanted))?;
        Ok((schema, findings))
    }

    fn recognised(rows: &[&str]) -> (Option<usize>, Vec<usize>, Option<usize>, Vec<usize>) {
        let (schema, _) = table(rows, &Columns::default()).unwrap();
        (schema.id, schema.texts, schema.question, schema.attributes)
    }

    fn wanted(id: Option<&str>, texts: &[&str], question: Option<&str>) -> Columns {
        let owned = |name: &str| name.to_owned();
        Columns {
            id: id.map(owned),
            texts: texts.iter().copied().map(owned).collect(),
            question: question.map(owned),
        }
    }

    #[test]
    fn a_wide_table_has_several_texts_and_leaves_closed_questions_alone() {
        let rows = [
            "Ｎｏ．|都道府県|問1|問７ トラブルの事例|Q13_ご意見|問14 件数",
            "1|東京都|はい|顔認証ができず受付に時間がかかった|廃止してほしい、保険証を残してほしい|3件",
            "2|大阪府|いいえ|特になし||12件",
            "3|京都府|はい|名前が●で表示され本人確認ができない|特になし|1件",
        ];
        assert_eq!(recognised(&rows), (Some(0), vec![3, 4], None, vec![1, 2, 5]));
        let (_, findings) = table(&rows, &Columns::default()).unwrap();
        assert_eq!(findings[0], "ID の列: 「Ｎｏ．」（見出しから判断）");
        assert_eq!(findings[1], "本文の列: 「問７ トラブルの事例」「Q13_ご意見」（見出しから判断）");
        assert!(findings[2].starts_with("本文にしなかった列: 「問1」「問14 件数」"), "{}", findings[2]);
        assert_eq!(findings.len(), 3);
    }

    #[test]
    fn a_long_table_has_a_question_column() {
        let rows = ["回答ID|設問番号|回答", "a|問7|●になる", "a|問13|なし"];
        assert_eq!(recognised(&rows), (Some(0), vec![2], Some(1), vec![]));
        assert_eq!(recognised(&["text", "x"]), (None, vec![0], None, vec![]));
    }

    #[test]
    fn options_are_no_free_text_however_long_or_combined() {
        let options = [
            "名前や住所で●が表示される",
            "資格情報が無効と表示される",
            "カードリーダーの不具合",
            "その他の不具合",
        ];
        let mut rows = vec!["id|問3|問7|回答".to_owned()];
        for n in 0..40 {
            let (one, other) = (options[n % 4], options[n / 4 % 4]);
            // Short, but each one different.
            let own = char::from_u32(0x4E00 + n as u32).unwrap();
            rows.push(format!("{n}|{one};{other}|{own}の件|{one}、{other}"));
        }
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(recognised(&rows).1, [2]);
        // A name that speaks for free text is believed as long as there is little to judge by.
        assert_eq!(recognised(&rows[..10]).1, [3]);
    }

    #[test]
    fn answers_that_say_nothing_have_no_say_and_numbers_are_no_answers() {
        let mut rows = vec!["id|問7", "1|顔認証ができず困った", "2|名前が●で表示される"];
        rows.extend(["3|特になし", "4|"].repeat(30));
        assert_eq!(recognised(&rows).1, [1]);
        let numbers: Vec<String> = (0..30).map(|n| format!("{n}|{n}")).collect();
        let rows: Vec<&str> = ["id|回答"].into_iter().chain(numbers.iter().map(String::as_str)).collect();
        assert!(table(&rows, &Columns::default()).is_err(), "numbers are no free text");
    }

    #[test]
    fn unmistakable_names_need_no_cells_and_lookalikes_are_none() {
        for name in ["text", "TEXT", "本文", "自由記述", "問7_自由記述", "問7（自由記述欄）", "ご自由回答"]
        {
            assert_eq!(recognised(&["id|x".replace('x', name).as_str(), "1|"]).1, [1], "{name}");
        }
        for name in ["回答日時", "問合せ先の電話番号", "自由記述の有無", "内容区分", "quality"]
        {
            let header = format!("id|{name}");
            assert!(
                table(&[&header, "1|顔認証ができず受付に時間がかかった"], &Columns::default()).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn nothing_recognised_lists_the_columns_and_the_way_out() {
        let error = table(&["番号|問1|県", "1|はい|東京都"], &Columns::default()).unwrap_err();
        assert_eq!(error.to_string(), "`t.csv`: 本文（自由記述）の列が分かりません");
        let hint = error.hint().unwrap();
        assert!(hint.contains("`--text 列名`") && hint.contains("「番号」「問1」「県」"), "{hint}");
    }

    #[test]
    fn what_the_user_asks_for_is_obeyed() {
        let rows = ["id|番号|問1|本文|県", "1|2|はい|長い長い長い長い本文|東京都"];
        let (schema, findings) = table(&rows, &wanted(Some(" 番号"), &["問１", "県"], None)).unwrap();
        assert_eq!((schema.id, schema.texts, schema.attributes), (Some(1), vec![2, 4], vec![0, 3]));
        assert_eq!(findings, ["ID の列: 「番号」（指定）", "本文の列: 「問1」「県」（指定）"]);
        let (schema, _) = table(&rows, &wanted(None, &["本文"], Some("県"))).unwrap();
        assert_eq!((schema.id, schema.question), (Some(0), Some(4)));
        // An id column asked for as text is not the id any more.
        assert_eq!(table(&rows, &wanted(None, &["ID"], None)).unwrap().0.id, Some(1));
    }

    #[test]
    fn names_are_matched_exactly_before_they_are_folded() {
        let rows = ["Ｑ７|Q7|q8", "a|b|c"];
        let text = |name| table(&rows, &wanted(None, &[name], None)).map(|(schema, _)| schema.texts);
        assert_eq!(text("Q7").unwrap(), [1]);
        assert_eq!(text("Ｑ７").unwrap(), [0]);
        assert_eq!(text("Ｑ8").unwrap(), [2]);
        assert!(text("q7").unwrap_err().to_string().contains("複数あります: 「Ｑ７」「Q7」"));
        let missing = text("問9").unwrap_err();
        assert_eq!(missing.to_string(), "`t.csv`: 列「問9」がありません");
        assert!(missing.hint().unwrap().contains("「Ｑ７」 「Q7」 「q8」"));
    }

    #[test]
    fn a_column_has_one_role_and_one_question_column_one_text() {
        let rows = ["id|問7|問13", "1|a|b"];
        for columns in [
            wanted(Some("id"), &["id"], None),
            wanted(None, &["問7", "問７"], None),
            wanted(None, &["問7"], Some("問7")),
        ] {
            let error = table(&rows, &columns).unwrap_err().to_string();
            assert!(error.contains("が 2 度指定されています"), "{error}");
        }
        let error = table(&rows, &wanted(None, &["問7", "問13"], Some("id"))).unwrap_err().to_string();
        assert!(error.contains("複数（「問7」「問13」）あるので、問の列「id」を使えません"), "{error}");
    }
}
