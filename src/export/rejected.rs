//! rejected.csv: the rows that were left out, with the file, the line and the reason, so that they can be mended.

use crate::export::table::{self, Rows};
use crate::read::Rejected;

/// Appends the whole file; `rows` come with the name of their file. Cells stand under the input's `headers`; those that
/// a row has too many go into the last column, joined by ` | `.
pub fn write<'r>(
    out: &mut Vec<u8>,
    rejected: impl Iterator<Item = (String, &'r Rejected)>,
    headers: &[String],
) {
    out.extend_from_slice(table::BOM);
    let mut rows = Rows::new(out);
    let mut header = table::distinct_from(
        headers.iter().map(String::as_str),
        ["ファイル", "行", "理由", "余り"].into_iter(),
    );
    let at = header.len() - 1;
    header.splice(at..at, headers.iter().cloned());
    header.iter().for_each(|name| rows.cell(name));
    rows.end();
    for (file, row) in rejected {
        rows.cell(&file);
        rows.raw(row.line.map(|line| line.to_string()).unwrap_or_default().as_bytes());
        rows.cell(&row.reason);
        for column in 0..headers.len() {
            rows.cell(row.cells.get(column).map_or("", String::as_str));
        }
        rows.cell(&row.cells.get(headers.len()..).unwrap_or_default().join(" | "));
        rows.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_a_broken_row_has_a_place() {
        let row = |line, cells: &[&str]| Rejected {
            line,
            reason: "セルが違います".to_owned(),
            cells: cells.iter().map(|&cell| cell.to_owned()).collect(),
        };
        let (long, short) = (row(Some(3), &["1", "=a", "b", "c"]), row(None, &["2"]));
        let mut out = Vec::new();
        let rows = [("x.csv".to_owned(), &long), ("x.csv".to_owned(), &short)];
        write(&mut out, rows.into_iter(), &["id".to_owned(), "行".to_owned()]);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                "\u{feff}ファイル,行（jirei）,理由,id,行,余り\r\n",
                "x.csv,3,セルが違います,1,'=a,b | c\r\n",
                "x.csv,,セルが違います,2,,\r\n",
            )
        );
    }
}
