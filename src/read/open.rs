//! Opens a table: from bytes to rows, and from the first rows to what the columns mean.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;

use super::book::{self, Book};
use super::bytes::{Bytes, Meter};
use super::decode::{Head, Text};
use super::ids::Ids;
use super::objects::Objects;
use super::own::Own;
use super::records::Records;
use super::sniff::{self, Delimiter, Kind, Shape};
use super::{Columns, FILE_COLUMN, Next, Options, Reader, Repairs, Rows, columns, refuse};
use crate::error::{Error, Result};

/// Rows looked at before the columns are settled: enough to tell options from prose, read in an instant.
pub(super) const SAMPLE_ROWS: usize = 200;

/// Bytes after which looking ahead stops early, so that rows of megabytes don't pile up.
pub(super) const SAMPLE_BYTES: usize = 8 << 20;

/// Rows below a title in which the header is looked for.
const SAMPLE_TITLES: usize = 5;

/// The sheets of our own books: the one that holds the comments, and one that no other book is likely to have.
const OWN_SHEETS: [&str; 2] = ["タグ付きコーパス", "実行情報"];

/// What to do with a list of answers without quotes, one to a line, in some of which there are commas.
const LINE_AS_CELL: &str = "1 行がそのまま 1 つの回答なら、`--delimiter tab` を付けてください";

/// How standard input is called in messages.
const STDIN: &str = "標準入力";

impl Reader {
    /// Opens the table at `path`, or standard input for `-`, and settles what its columns mean.
    ///
    /// # Errors
    /// When the file can't be read, is no table, its encoding or its columns can't be told, or it holds no rows.
    pub fn open(path: &Path, options: impl Into<Options>) -> Result<Reader> {
        if path == Path::new("-") {
            return Reader::from_reader(STDIN, Box::new(io::stdin()), options);
        }
        // Systems disagree on whether opening a folder fails, and how.
        if path.is_dir() {
            return Err(Error::read(path, io::ErrorKind::IsADirectory.into()));
        }
        let file = File::open(path).map_err(|error| Error::read(path, error))?;
        let is_there_again = file.metadata().is_ok_and(|file| file.is_file());
        let mut reader = Reader::from_reader(&path.display().to_string(), Box::new(file), options)?;
        reader.path = is_there_again.then(|| path.to_owned());
        Ok(reader)
    }

    /// Reads a table from anywhere. `name` stands for it in messages.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn from_reader(
        name: &str,
        input: Box<dyn Read + Send>,
        options: impl Into<Options>,
    ) -> Result<Reader> {
        let options = options.into();
        let unreadable = |error| Error::read(Path::new(name), error);
        let Bytes { mut content, meter, packing } = Bytes::open(input).map_err(unreadable)?;
        let head = Head::read(&mut *content).map_err(unreadable)?;
        let mut findings: Vec<String> = packing.iter().map(|packing| format!("圧縮: {packing}")).collect();
        match sniff::kind(name, &head.bytes)? {
            Kind::Book => {
                let mut bytes = head.bytes;
                content.read_to_end(&mut bytes).map_err(unreadable)?;
                let mut reader = open_book(name, Book::open(name, bytes)?, &meter, &options)?;
                reader.findings.splice(0..0, findings);
                Ok(reader)
            }
            Kind::Text => {
                let text = Text::new(name, head, content, options.encoding)?;
                findings.extend(text.finding());
                let mut repairs = Repairs::default();
                let from_header = sniff::from_line(text.head(), options.header_row.unwrap_or(1));
                let rows = match sniff::shape(name, from_header, options.delimiter)? {
                    Shape::Lines(layout) => Rows::Lines(Records::new(name, text, layout)),
                    Shape::Objects => Rows::Objects(Objects::new(name, text, &mut repairs)?),
                };
                findings.extend(finding_of(&rows, options.delimiter.is_some()));
                let mut reader = Reader::assemble(name, rows, meter, &options, repairs)?;
                reader.findings.splice(0..0, findings);
                Ok(reader)
            }
        }
    }

    /// Reads the header and the sample, and settles the columns.
    fn assemble(
        name: &str,
        mut rows: Rows,
        meter: Meter,
        options: &Options,
        mut repairs: Repairs,
    ) -> Result<Reader> {
        const SAY_MORE: &str = "1 行目に列名、2 行目から回答を書いてください";
        let header = match (rows.header(options.header_row, &mut repairs)?, options.header_row) {
            (Next::Row(header), _) => header,
            (Next::Broken { line, problem, hint, .. }, _) => return Err(refuse(name, line, problem, hint)),
            (_, None) => return Err(refuse(name, None, "ファイルが空です", SAY_MORE)),
            (_, Some(row)) => {
                let problem = format!("見出しがあるはずの {row} 行目まで、行がありません");
                return Err(refuse(name, None, problem, "`--header-row` の番号を確かめてください"));
            }
        };
        let mut options = options.clone();
        let looks_for_own = options.undo_own || options.keep_own;
        let wanted = if options.columns.texts.is_empty() || looks_for_own { SAMPLE_ROWS } else { 1 };
        let mut sample = VecDeque::new();
        let (mut bytes, mut whole) = (0, 0);
        while whole < wanted && bytes < SAMPLE_BYTES {
            let next = rows.next(&mut repairs)?;
            match &next {
                Next::Row(cells) => {
                    bytes += cells.as_slice().len();
                    whole += 1;
                }
                Next::Broken { .. } if options.skip_bad_rows => {}
                Next::Broken { line, problem, hint, .. } => {
                    let mut hint = title_hint(&header, &next, &mut rows).unwrap_or_else(|| hint.clone());
                    if header.len() == 1 && matches!(rows, Rows::Lines(_)) {
                        hint = format!("{hint}。{LINE_AS_CELL}");
                    }
                    return Err(refuse(name, *line, problem, hint));
                }
                Next::End => break,
            }
            sample.push_back(next);
        }
        if whole == 0 {
            return Err(refuse(name, None, "見出しの行だけで、回答が 1 行もありません", SAY_MORE));
        }
        let named = named_columns(&header, &sample);
        let mut headers = checked_headers(name, &header, named, &sample)?;
        let is_row = |next: &'_ Next| if let Next::Row(cells) = next { Some(cells.clone()) } else { None };
        let mut cells: Vec<StringRecord> = sample.iter().filter_map(is_row).collect();
        cells.iter_mut().for_each(|row| row.truncate(named));
        let own = if looks_for_own {
            Own::recognise(&headers, &cells, options.keep_own).filter(|own| {
                own.spread().len() < 2 || options.columns.question.is_none() || options.keep_own
            })
        } else {
            None
        };
        let mut own_finding = None;
        let mut findings_of_input = None;
        if let Some(own) = &own {
            headers = own.headers(&headers);
            let mut trial = own.clone();
            cells = cells.iter().filter_map(|row| trial.restore(row).ok().flatten()).collect();
            if let Some((question, text)) = own.kept_spread() {
                options.columns.question = Some(headers[question].clone());
                options.columns.texts = vec![headers[text].clone()];
            } else if options.keep_own {
                // What was added means nothing by itself.
                let base = headers[..own.width()].to_vec();
                let (base, said, _) =
                    columns::recognise(name, base, &cells.iter().collect::<Vec<_>>(), &options)?;
                let titles = |columns: &[usize]| columns.iter().map(|&at| base.headers[at].clone()).collect();
                options.columns = Columns {
                    id: base.id.map(|at| base.headers[at].clone()),
                    texts: titles(&base.texts),
                    question: base.question.map(|at| base.headers[at].clone()),
                };
                findings_of_input = Some(said);
            } else {
                own_finding = Some("形式: jirei が書き出した表（元の列だけを読みます）".to_owned());
                if options.columns.texts.is_empty() && own.spread().len() > 1 {
                    options.columns.texts = own.spread();
                }
            }
        }
        if let Some(file) = &options.file {
            headers.push(free_name(&headers, FILE_COLUMN));
            cells.iter_mut().for_each(|row| row.push_field(file));
        }
        let cells: Vec<&StringRecord> = cells.iter().collect();
        let (schema, findings, closed) = columns::recognise(name, headers, &cells, &options)?;
        let findings = findings_of_input.unwrap_or(findings);
        let mut seen: Vec<String> = Vec::new();
        if let Some(row) = options.header_row {
            seen.push(format!("見出し: {row} 行目（指定。その上は読みません）"));
        }
        if named < header.len() {
            seen.push(format!("右端の {} 列: 見出しも中身もないので読みません", header.len() - named));
        }
        let findings = seen.into_iter().chain(own_finding).chain(findings).collect();
        let closed = closed.into_iter().map(|column| schema.headers[column].clone()).collect();
        Ok(Reader {
            name: name.to_owned(),
            rows,
            meter,
            options,
            own,
            schema: Arc::new(schema),
            findings,
            closed,
            named,
            sample,
            count: 0,
            repairs,
            rejected: Vec::new(),
            totals: Vec::new(),
            ids: Ids::default(),
            path: None,
        })
    }
}

/// The sheet that the user asked for, or the only one with answers.
fn open_book(name: &str, mut book: Book, meter: &Meter, options: &Options) -> Result<Reader> {
    let asked = &options.sheet;
    let names = match asked {
        Some(sheet) => vec![book.find(sheet)?],
        None => book.names(),
    };
    let is_own = asked.is_none() && OWN_SHEETS.iter().all(|own| names.iter().any(|name| name == own));
    let names = if is_own { vec![OWN_SHEETS[0].to_owned()] } else { names };
    let mut open = |sheet: &str| {
        let rows = book.sheet(sheet)?;
        let findings = rows.findings();
        let mut reader =
            Reader::assemble(name, Rows::Sheet(rows), meter.clone(), options, Repairs::default())?;
        reader.findings.splice(0..0, findings);
        Ok::<_, Error>(reader)
    };
    if let [only] = names.as_slice() {
        let mut reader = open(only)?;
        if asked.is_some() || is_own {
            let how = if is_own { "jirei が書き出したブック" } else { "指定" };
            reader.findings.insert(0, format!("シート: 「{only}」（{how}）"));
        }
        return Ok(reader);
    }
    let mut found = Vec::new();
    let mut first_error = None;
    for sheet in &names {
        match open(sheet) {
            Ok(reader) => found.push((sheet.clone(), reader)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let hint = format!("`--sheet` で指定してください。このブックのシート: {}", book::quoted(&names));
    match found.len() {
        1 => {
            let (sheet, mut reader) = found.remove(0);
            let others: Vec<String> = names.into_iter().filter(|name| *name != sheet).collect();
            let others = book::quoted(&others);
            reader
                .findings
                .insert(0, format!("シート: 「{sheet}」（回答があるのはここだけ。ほかに{others}）"));
            Ok(reader)
        }
        0 if options.columns != Columns::default() => {
            Err(first_error.unwrap_or_else(|| refuse(name, None, "シートがありません", hint)))
        }
        0 => Err(refuse(name, None, "回答のあるシートが分かりません", hint)),
        _ => Err(refuse(name, None, "回答のあるシートが複数あります", hint)),
    }
}

/// How the rows are built, where it is worth a word.
fn finding_of(rows: &Rows, is_asked: bool) -> Option<String> {
    let how = if is_asked { "指定" } else { "見出しの行から判断" };
    match rows {
        Rows::Lines(records) => match records.delimiter() {
            Delimiter::Comma => None,
            Delimiter::Tab => Some(format!("区切り: タブ（{how}）")),
            Delimiter::Semicolon => Some(format!("区切り: 「;」（{how}）")),
        },
        Rows::Objects(objects) if objects.is_own() => {
            Some("形式: jirei が書き出した JSON（元の列だけを読みます）".to_owned())
        }
        Rows::Objects(_) => Some("形式: JSON".to_owned()),
        Rows::Sheet(_) => None,
    }
}

/// How many columns there are without those at the right edge that have neither a header nor, in the sample, a cell that says
/// anything: spreadsheets leave such behind.
fn named_columns(header: &StringRecord, sample: &VecDeque<Next>) -> usize {
    let last = |row: &StringRecord| {
        let said = row.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        said.last().map_or(0, |(at, _)| at + 1)
    };
    let rows = sample.iter().filter_map(|next| if let Next::Row(row) = next { Some(row) } else { None });
    rows.map(last).chain([last(header), 1]).max().unwrap_or(header.len()).min(header.len())
}

/// The header cells, which must tell the columns apart: columns are chosen, exported and filtered by name.
fn checked_headers(
    name: &str,
    header: &StringRecord,
    named: usize,
    sample: &VecDeque<Next>,
) -> Result<Vec<String>> {
    for (column, title) in header.iter().take(named).enumerate() {
        if title.trim().is_empty() {
            let problem = format!("見出しの {} 列目が空です", column + 1);
            let hint = title_above(header, sample.iter()).unwrap_or_else(|| {
                "列名を付けてください。中身のない列なら、その列を削除して保存し直してください。見出しがほかの行にあるなら、その行を `--header-row` で指定できます".to_owned()
            });
            return Err(refuse(name, None, problem, hint));
        }
        if let Some(earlier) = header.iter().take(column).position(|other| other == title) {
            let problem =
                format!("列「{title}」が 2 つあります（{} 列目と {} 列目）", earlier + 1, column + 1);
            return Err(refuse(name, None, problem, "見出しの名前を変えて、区別できるようにしてください"));
        }
    }
    Ok(header.iter().take(named).map(str::to_owned).collect())
}

/// What to do if `header` is a title above the table, and the header one of the rows below.
fn title_above<'n>(header: &StringRecord, below: impl Iterator<Item = &'n Next>) -> Option<String> {
    let filled = |row: &StringRecord| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let written = filled(header);
    let rows = below.take(SAMPLE_TITLES).filter_map(|next| match next {
        Next::Row(row) => Some((row.position()?.line(), filled(row), row.len())),
        Next::Broken { line, cells, .. } => {
            Some(((*line)?, cells.iter().filter(|cell| !cell.trim().is_empty()).count(), cells.len()))
        }
        Next::End => None,
    });
    let (line, ..) =
        rows.into_iter().find(|&(_, filled, width)| filled == width && width >= 2 * written.max(1))?;
    Some(format!(
        "見出しの上に題などの行があるなら、見出しの行を指定してください（`--header-row {line}` でしょうか）"
    ))
}

/// [`title_above`], where a row of another width follows the header.
fn title_hint(header: &StringRecord, next: &Next, rows: &mut Rows) -> Option<String> {
    let mut below = vec![];
    let mut repairs = Repairs::default();
    while below.len() + 1 < SAMPLE_TITLES
        && let Ok(next @ (Next::Row(_) | Next::Broken { .. })) = rows.next(&mut repairs)
    {
        below.push(next);
    }
    title_above(header, std::iter::once(next).chain(&below))
}

/// `wanted`, or what it becomes where the headers have it already.
fn free_name(headers: &[String], wanted: &str) -> String {
    let mut name = wanted.to_owned();
    while headers.contains(&name) {
        name.push_str("（jirei）");
    }
    name
}
