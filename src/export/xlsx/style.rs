//! How cells look: calm, printable, the same in every sheet.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// A font that Windows and macOS have; LibreOffice takes a similar one.
const FONT: &str = "游ゴシック";

const INK: Color = Color::RGB(0x1F_2A37);
const FAINT: Color = Color::RGB(0xB4_BAC2);
const LINE: Color = Color::RGB(0xD9_DDE3);
const HEAD: Color = Color::RGB(0x2F_4B6E);
const HEAD_FILL: Color = Color::RGB(0xE8_EDF3);
const HIT_FILL: Color = Color::RGB(0xDC_E9F7);
const ASK_FILL: Color = Color::RGB(0xFF_F8DC);
const EVIDENCE: Color = Color::RGB(0xB4_2318);

/// Longer bars and darker cells of tables.
pub(crate) const BAR: Color = Color::RGB(0x9D_BBDD);

/// The formats of all sheets.
pub(crate) struct Style {
    /// A heading of a sheet or a block.
    pub(crate) title: Format,
    /// What a table needs to be read.
    pub(crate) note: Format,
    /// Header cells.
    pub(crate) head: Format,
    /// Header cells of narrow columns, written top to bottom.
    pub(crate) upright: Format,
    /// The header of the column to fill in.
    pub(crate) ask_head: Format,
    /// The cells to fill in.
    pub(crate) ask: Format,
    /// Short text, and long text that wraps.
    pub(crate) text: Format,
    /// Text that matters less.
    pub(crate) faint: Format,
    /// Whole numbers. All numbers keep a blank's distance from the text on their right.
    pub(crate) count: Format,
    /// Shares of 1, shown in percent.
    pub(crate) percent: Format,
    /// Figures with one and with three decimals.
    pub(crate) tenths: Format,
    pub(crate) figure: Format,
    /// Text on the side of the numbers.
    pub(crate) right: Format,
    /// 1 and 0 of a category's column.
    pub(crate) hit: Format,
    pub(crate) miss: Format,
    /// Parts of a rich text.
    pub(crate) plain: Format,
    pub(crate) evidence: Format,
}

impl Style {
    pub(crate) fn new() -> Self {
        let base = || Format::new().set_font_name(FONT).set_font_size(10).set_font_color(INK);
        let cell = || {
            base()
                .set_align(FormatAlign::Top)
                .set_border_bottom(FormatBorder::Hair)
                .set_border_bottom_color(LINE)
        };
        let head = || {
            base()
                .set_bold()
                .set_font_color(HEAD)
                .set_background_color(HEAD_FILL)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(HEAD)
                .set_align(FormatAlign::Bottom)
                .set_text_wrap()
        };
        let centred = || cell().set_align(FormatAlign::Center);
        Style {
            title: base().set_bold().set_font_size(13).set_font_color(HEAD),
            note: base().set_font_color(Color::RGB(0x5B_6572)),
            head: head(),
            upright: head().set_rotation(270).set_font_size(9).set_align(FormatAlign::Center),
            ask_head: head().set_background_color(ASK_FILL),
            ask: cell().set_background_color(ASK_FILL).set_text_wrap(),
            text: cell().set_text_wrap(),
            faint: cell().set_font_color(Color::RGB(0x5B_6572)).set_text_wrap(),
            count: cell().set_num_format("#,##0_ "),
            percent: cell().set_num_format("0.0%_ "),
            tenths: cell().set_num_format("0.0_ "),
            figure: cell().set_num_format("0.000_ "),
            right: cell().set_align(FormatAlign::Right),
            hit: centred().set_background_color(HIT_FILL).set_bold(),
            miss: centred().set_font_color(FAINT),
            plain: base(),
            evidence: base().set_bold().set_font_color(EVIDENCE),
        }
    }
}
