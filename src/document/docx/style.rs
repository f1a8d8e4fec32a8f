//! The styles a report needs, found in a template by their names.
//!
//! Ids of styles differ with the language of the Word that wrote the file (`Heading1`, `1`); the names in the file are
//! the same everywhere. A style the template doesn't have is added from ours.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Ours, which has them all.
const OURS: &str = include_str!("base/styles.xml");

/// Ids of the styles in the document that is filled.
#[derive(Debug, Clone)]
pub(super) struct Styles {
    pub(super) title: String,
    pub(super) headings: [String; 3],
    pub(super) table: String,
    pub(super) item: String,
    pub(super) note: String,
    pub(super) head: String,
    pub(super) cell: String,
}

impl Styles {
    /// The styles in the part `xml`, and the part with those added that were missing.
    pub(super) fn of(xml: &[u8]) -> (Styles, String) {
        let mut xml = String::from_utf8_lossy(xml).into_owned();
        let theirs = read(&xml);
        let mut id = |name: &str| {
            // Word compares the names of its own styles without regard to case.
            let found = theirs.iter().find(|style| style.name.eq_ignore_ascii_case(name));
            if let Some(style) = found {
                return style.id.clone();
            }
            let ours = read(OURS).into_iter().find(|style| style.name == name).expect("ours has it");
            let end = xml.rfind("</w:styles>").expect("checked when opened");
            // Based on what a template may not have; without it, a style is based on the defaults.
            let mut definition = ours.xml;
            for base in ["Normal", "TableNormal"] {
                let has = theirs.iter().any(|style| style.id == base);
                if !has {
                    definition = definition.replace(&format!("<w:basedOn w:val=\"{base}\"/>"), "");
                    definition = definition.replace(&format!("<w:next w:val=\"{base}\"/>"), "");
                }
            }
            xml.insert_str(end, &definition);
            ours.id
        };
        let styles = Styles {
            title: id("Title"),
            headings: [id("heading 1"), id("heading 2"), id("heading 3")],
            table: id("Table Grid"),
            item: id("jirei 事例"),
            note: id("jirei 注"),
            head: id("jirei 表の見出し"),
            cell: id("jirei 表の本文"),
        };
        (styles, xml)
    }
}

struct Style {
    id: String,
    name: String,
    xml: String,
}

/// The styles defined in `xml`.
fn read(xml: &str) -> Vec<Style> {
    let mut reader = Reader::from_str(xml);
    let mut styles = Vec::new();
    let mut open: Option<(usize, String, String)> = None;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let Ok(event) = reader.read_event() else { return styles };
        let value = |element: &quick_xml::events::BytesStart<'_>, name: &str| {
            let attribute = element.try_get_attribute(name).ok().flatten();
            attribute.map(|found| found.value.into_owned()).unwrap_or_default()
        };
        match event {
            Event::Eof => return styles,
            Event::Start(element) if element.name().as_ref() == "w:style" => {
                open = Some((before, value(&element, "w:styleId"), String::new()));
            }
            Event::Empty(element) if element.name().as_ref() == "w:name" => {
                if let Some((.., name)) = &mut open {
                    *name = value(&element, "w:val");
                }
            }
            Event::End(element) if element.name().as_ref() == "w:style" => {
                let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
                if let Some((start, id, name)) = open.take() {
                    styles.push(Style {
                        id,
                        name,
                        xml: xml.get(start..after).unwrap_or_default().to_owned(),
                    });
                }
            }
            _ => {}
        }
    }
}
