//! The parts of a DOCX file, and what of them we read and replace.

use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::{Error, Result};

/// A template's parts together, unpacked, at most: pictures are large, and a ZIP can unpack to anything.
const MOST_BYTES: u64 = 200 << 20;

const CONTENT_TYPES: &str = "[Content_Types].xml";
const DOCUMENT: &str = "word/document.xml";
const STYLES: &str = "word/styles.xml";

/// Width of the text on A4 with our margins, in twentieths of a point.
const USUAL_WIDTH: u32 = 9_412;

/// The parts, in the order of the file. There are a document with a body, and styles.
#[derive(Debug, Clone)]
pub(super) struct Package {
    parts: Vec<(String, Vec<u8>)>,
}

impl Package {
    pub(super) fn shipped() -> Self {
        let parts = [
            (CONTENT_TYPES, include_str!("base/content_types.xml")),
            ("_rels/.rels", include_str!("base/rels.xml")),
            (DOCUMENT, include_str!("base/document.xml")),
            ("word/_rels/document.xml.rels", include_str!("base/document_rels.xml")),
            (STYLES, include_str!("base/styles.xml")),
            ("word/settings.xml", include_str!("base/settings.xml")),
            ("word/footer1.xml", include_str!("base/footer.xml")),
        ];
        Package { parts: parts.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into() }
    }

    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::read(path, source))?;
        let refuse = |problem: &str| {
            Error::Input {
            input: path.display().to_string(),
            line: None,
            problem: format!("Word の文書として読めません（{problem}）"),
            hint: "Word で「名前を付けて保存」から「Word 文書 (*.docx)」を選んで保存したファイルを指定してください"
                .to_owned(),
        }
        };
        let mut archive = ZipArchive::new(file).map_err(|_| refuse("ZIP 形式ではないか、壊れています"))?;
        let mut parts = Vec::new();
        let mut room = MOST_BYTES;
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).map_err(|_| refuse("暗号化されているか、壊れています"))?;
            if part.is_dir() {
                continue;
            }
            let name = part.name().map_err(|_| refuse("中のファイル名が壊れています"))?.into_owned();
            let mut bytes = Vec::new();
            let read = part.by_ref().take(room + 1).read_to_end(&mut bytes);
            read.map_err(|_| refuse("途中で壊れています"))?;
            room = room.checked_sub(bytes.len() as u64).ok_or_else(|| refuse("大きすぎます"))?;
            parts.push((name, bytes));
        }
        let package = Package { parts };
        let document = package.part(DOCUMENT).ok_or_else(|| refuse("本文がありません"))?;
        if Body::find(document).is_none() {
            return Err(refuse("本文の書き方が分かりません"));
        }
        let styles = package.part(STYLES).ok_or_else(|| refuse("スタイルがありません"))?;
        if !String::from_utf8_lossy(styles).contains("</w:styles>") {
            return Err(refuse("スタイルの書き方が分かりません"));
        }
        Ok(package)
    }

    /// The content of a part.
    pub(super) fn part(&self, name: &str) -> Option<&[u8]> {
        self.parts.iter().find(|(part, _)| part == name).map(|(_, bytes)| &**bytes)
    }

    pub(super) fn styles(&self) -> &[u8] {
        self.part(STYLES).expect("checked when opened")
    }

    /// Puts `text` in place of all text, and `styles` in place of the styles.
    pub(super) fn fill(&mut self, text: &str, styles: String) {
        let document = self.part(DOCUMENT).expect("checked when opened");
        let body = Body::find(document).expect("checked when opened");
        let filled = [&document[..body.start], text.as_bytes(), &document[body.section..]].concat();
        for (name, bytes) in &mut self.parts {
            match &**name {
                DOCUMENT => *bytes = filled.clone(),
                STYLES => *bytes = styles.clone().into_bytes(),
                // A DOTX becomes a document.
                CONTENT_TYPES => {
                    *bytes = String::from_utf8_lossy(bytes)
                        .replace(".template.main+xml", ".document.main+xml")
                        .into_bytes();
                }
                _ => {}
            }
        }
    }

    /// Width between the margins, in twentieths of a point.
    pub(super) fn text_width(&self) -> u32 {
        let document = self.part(DOCUMENT).expect("checked when opened");
        let body = Body::find(document).expect("checked when opened");
        let (mut page, mut margins) = (0, 0);
        let mut reader = Reader::from_reader(&document[body.section..body.end]);
        let mut buffer = Vec::new();
        while let Ok(event) = reader.read_event_into(&mut buffer) {
            let (Event::Empty(element) | Event::Start(element)) = event else {
                if matches!(event, Event::Eof) {
                    break;
                }
                buffer.clear();
                continue;
            };
            let number = |name: &str| {
                let attribute = element.try_get_attribute(name).ok().flatten();
                attribute.and_then(|found| found.value.parse::<u32>().ok()).unwrap_or(0)
            };
            match element.name().as_ref() {
                "w:pgSz" => page = number("w:w"),
                "w:pgMar" => margins = number("w:left") + number("w:right") + number("w:gutter"),
                _ => {}
            }
            buffer.clear();
        }
        match page.checked_sub(margins) {
            Some(width) if width > 1_000 => width,
            _ => USUAL_WIDTH,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // The time of the parts is that of the format's beginning, so that the same report has the same bytes.
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        for (name, bytes) in &self.parts {
            zip.start_file(name, options).expect("memory takes every part");
            zip.write_all(bytes).expect("memory takes every byte");
        }
        zip.finish().expect("memory takes every byte").into_inner()
    }
}

/// Where the text of a document part is.
struct Body {
    /// Where it begins.
    start: usize,
    /// Where it ends and the properties of the last section begin; they stay.
    section: usize,
    /// Where the body ends.
    end: usize,
}

impl Body {
    fn find(document: &[u8]) -> Option<Body> {
        let mut reader = Reader::from_reader(document);
        let mut buffer = Vec::new();
        let (mut start, mut section, mut depth) = (None, None, 0_u32);
        loop {
            let before = usize::try_from(reader.buffer_position()).ok()?;
            let event = reader.read_event_into(&mut buffer).ok()?;
            let after = usize::try_from(reader.buffer_position()).ok()?;
            let is_inside = start.is_some() && depth == 0;
            match event {
                Event::Eof => return None,
                Event::Start(element) => match element.name().as_ref() {
                    "w:body" if start.is_none() => start = Some(after),
                    name => {
                        if is_inside {
                            section = (name == "w:sectPr").then_some(before);
                        }
                        depth += u32::from(start.is_some());
                    }
                },
                Event::Empty(element) if is_inside => {
                    section = (element.name().as_ref() == "w:sectPr").then_some(before);
                }
                Event::End(_) if is_inside => {
                    return Some(Body { start: start?, section: section.unwrap_or(before), end: before });
                }
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            buffer.clear();
        }
    }
}
