//! カテゴリ集計 and クロス集計: counts and shares, with bars and shades.

use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, ConditionalFormatDataBar, ConditionalFormatType, Worksheet,
    XlsxError,
};

use super::sheet::side_by_side;
use super::style::BAR;
use super::{Page, Sheet, Style};
use crate::rule::Rulebook;
use crate::statistics::Crosstab;
use crate::statistics::crosstab::Column;
use crate::tally::Tally;

/// Values beside each other that are still readable on one page.
const WIDE: usize = 16;

/// What the blank value is called.
const BLANK: &str = "（空欄）";

pub(super) fn summary(
    sheet: &mut Worksheet,
    tally: &Tally,
    rulebook: &Rulebook,
    style: &Style,
) -> Result<(), XlsxError> {
    let page = Page { widths: &[18.0, 28.0, 9.0, 10.0, 10.0, 24.0], is_landscape: false };
    let mut sheet = Sheet::new(sheet, style, &page)?;
    let totals = tally.totals();
    let answered = totals.answered.comments();
    sheet.title("カテゴリごとの件数（複数回答）")?;
    sheet.note(&format!(
        "割合は、回答のあった記述 {answered} 件に対するもの。1 件に複数のカテゴリが付くので、合計は 100 % にならない"
    ))?;
    sheet.next()?;
    sheet.head(&["グループ", "カテゴリ", "件数", "割合", "回答者数", "ID"])?;
    let first = sheet.row;
    sheet.sheet.set_freeze_panes(first, 0)?;
    for id in rulebook.category_ids() {
        let (category, count) = (rulebook.category(id), tally.category(id));
        sheet.text(0, &category.group)?;
        sheet.text(1, &category.name)?;
        sheet.count(2, count.comments())?;
        sheet.share(3, count.comments(), answered)?;
        sheet.count(4, count.respondents())?;
        sheet.text(5, &category.id)?;
        sheet.next()?;
    }
    let last = sheet.row - 1;
    if last >= first {
        let bar = ConditionalFormatDataBar::new().set_fill_color(BAR).set_solid_fill(true);
        sheet.sheet.add_conditional_format(first, 2, last, 2, &bar)?;
    }
    sheet.next()?;
    sheet.head(&["集計", "", "件数", "全記述に対する割合", "回答者数"])?;
    for (name, count) in [
        ("全記述", &totals.all),
        ("回答あり", &totals.answered),
        ("カテゴリあり", &totals.tagged),
        ("カテゴリなし", &totals.untagged),
        ("特になし", &totals.nothing),
        ("空欄", &totals.empty),
    ] {
        sheet.text(0, name)?;
        sheet.count(2, count.comments())?;
        sheet.share(3, count.comments(), totals.all.comments())?;
        sheet.count(4, count.respondents())?;
        sheet.next()?;
    }
    Ok(())
}

pub(super) fn crosstabs(
    sheet: &mut Worksheet,
    crosstabs: &[Crosstab],
    rulebook: &Rulebook,
    style: &Style,
) -> Result<(), XlsxError> {
    let mut sheet = Sheet::new(sheet, style, &Page { widths: &[28.0], is_landscape: true })?;
    sheet.title("属性ごとの件数と割合（複数回答）")?;
    sheet.note(
        "割合は、その列の値をもつ「回答あり」の記述に対するもの。n はその件数。検定は jirei stats で行う",
    )?;
    sheet.sheet.set_freeze_panes(0, 1)?;
    if crosstabs.iter().any(|crosstab| crosstab.is_classifying() && crosstab.columns().len() > WIDE) {
        side_by_side(sheet.sheet, 1)?;
    }
    let (shown, left_out): (Vec<_>, Vec<_>) =
        crosstabs.iter().partition(|crosstab| crosstab.is_classifying());
    for crosstab in shown {
        let columns = crosstab.columns();
        sheet.next()?;
        block(&mut sheet, &format!("{}別　件数", crosstab.by().name()), &columns, rulebook, false)?;
        sheet.next()?;
        block(&mut sheet, &format!("{}別　割合", crosstab.by().name()), &columns, rulebook, true)?;
    }
    let left_out: Vec<&str> = left_out.into_iter().map(|crosstab| crosstab.by().name()).collect();
    if !left_out.is_empty() {
        sheet.next()?;
        sheet
            .note(&format!("値が 1 つだけか、分類とみなせないほど多い列は除いた: {}", left_out.join("、")))?;
    }
    Ok(())
}

fn block(
    sheet: &mut Sheet<'_>,
    title: &str,
    columns: &[&Column],
    rulebook: &Rulebook,
    is_share: bool,
) -> Result<(), XlsxError> {
    sheet.title(title)?;
    let values = columns.iter().map(|column| {
        let value = if column.value.is_empty() { BLANK } else { &column.value };
        format!("{value}\n(n={})", column.answered)
    });
    let headers: Vec<String> = std::iter::once("カテゴリ".to_owned()).chain(values).collect();
    sheet.head(&headers)?;
    let first = sheet.row;
    let rows = rulebook.category_ids().map(|id| (&*rulebook.category(id).name, Some(id)));
    for (name, id) in rows.chain([("カテゴリあり", None)]) {
        sheet.text(0, name)?;
        for (at, column) in (1..).zip(columns) {
            let count = id.map_or(column.tagged, |id| column.count(id));
            if is_share { sheet.share(at, count, column.answered)? } else { sheet.count(at, count)? }
        }
        sheet.next()?;
    }
    // The last row is of another size and would pale the others.
    let (last, width) = (sheet.row.saturating_sub(2), u16::try_from(columns.len()).unwrap_or(u16::MAX));
    if is_share && last >= first {
        let scale = ConditionalFormat2ColorScale::new()
            .set_minimum(ConditionalFormatType::Number, 0)
            .set_minimum_color(Color::White)
            .set_maximum_color(BAR);
        sheet.sheet.add_conditional_format(first, 1, last, width, &scale)?;
    }
    Ok(())
}
