//! 代表引用: the representative quotes, as in quotes.csv.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::{Page, Sheet, Style};
use crate::comment::Schema;
use crate::quote::Quote;
use crate::rule::Rulebook;

pub(super) fn write(
    sheet: &mut Worksheet,
    quotes: &[Quote],
    schema: &Schema,
    rulebook: &Rulebook,
    style: &Style,
) -> Result<(), XlsxError> {
    let attributes: Vec<&str> =
        schema.attributes.iter().map(|&column| schema.headers[column].as_str()).collect();
    let mut widths = vec![24.0, 6.0, 60.0, 12.0, 10.0];
    widths.extend(attributes.iter().map(|_| 12.0));
    widths.extend([8.0, 16.0, 12.0, 40.0]);
    let mut sheet = Sheet::new(sheet, style, &Page { widths: &widths, is_landscape: true })?;
    let before = ["カテゴリ", "順位", "引用", "番号", "問"];
    let headers: Vec<&str> = before
        .into_iter()
        .chain(attributes.iter().copied())
        .chain(["同様の件数", "地域", "注意", "選んだ理由"])
        .collect();
    sheet.head(&headers)?;
    sheet.sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?;
    let reason = u16::try_from(headers.len() - 1).unwrap_or(u16::MAX);
    for quote in quotes {
        sheet.text(0, &rulebook.category(quote.category).name)?;
        sheet.count(1, quote.rank as u64)?;
        sheet.text(2, &quote.text())?;
        sheet.text(3, &quote.comment.id())?;
        sheet.text(4, quote.comment.question())?;
        for (column, attribute) in (5..).zip(&attributes) {
            sheet.text(column, quote.attribute(attribute))?;
        }
        sheet.count(reason - 3, quote.similar as u64)?;
        sheet.text(reason - 2, &quote.places.join("・"))?;
        sheet.text(reason - 1, &quote.flag_labels().join("・"))?;
        sheet.text(reason, &quote.reason)?;
        sheet.next()?;
    }
    sheet.sheet.autofilter(0, 0, sheet.row.max(2) - 1, reason)?;
    Ok(())
}
