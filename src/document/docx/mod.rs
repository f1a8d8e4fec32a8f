//! A report as a Word document.
//!
//! A DOCX file is a ZIP of XML parts. We fill a document that exists already: a plain one of ours, or the user's
//! template, of which everything stays (styles, page, header, footer) but the text. So there is one way, with and
//! without a template, and no library for making documents from nothing: `package` reads and writes the parts,
//! `style` finds the template's styles by their names, `body` writes the text.

mod body;
mod package;
mod style;

use std::path::Path;

use self::package::Package;
use self::style::Styles;
use crate::document::Document;
use crate::error::Result;

/// A document to be filled.
#[derive(Debug, Clone)]
pub struct Template(Package);

impl Template {
    /// The one that is built in: A4, page numbers, quiet headings.
    pub fn shipped() -> Self {
        Template(Package::shipped())
    }

    /// The DOCX or DOTX file at `path`.
    ///
    /// # Errors
    /// When it can't be read or is no Word document.
    pub fn open(path: &Path) -> Result<Self> {
        Package::open(path).map(Template)
    }
}

/// The bytes of a DOCX file that says what `document` says.
pub fn write(document: &Document, template: &Template) -> Vec<u8> {
    let mut package = template.0.clone();
    let (styles, xml) = Styles::of(package.styles());
    let text = body::write(document, &styles, package.text_width());
    package.fill(&text, xml);
    package.to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Block, Column, Table};

    fn document() -> Document {
        let columns = vec![Column::text("事例", 3), Column::number("件数", 1)];
        let rows = vec![vec!["<b>&\n二行目\u{b}".to_owned(), "3".to_owned()]];
        Document {
            title: "題".to_owned(),
            blocks: vec![Block::Heading(1, "節".to_owned()), Block::Table(Table { columns, rows })],
        }
    }

    fn part(bytes: &[u8], name: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let package = Package::open(file.path()).unwrap();
        String::from_utf8(package.part(name).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn text_stays_text_and_the_page_stays_as_it_was() {
        let bytes = write(&document(), &Template::shipped());
        assert_eq!(bytes, write(&document(), &Template::shipped()));
        let xml = part(&bytes, "word/document.xml");
        assert!(xml.contains("&lt;b&gt;&amp;</w:t><w:br/><w:t xml:space=\"preserve\">二行目</w:t>"), "{xml}");
        assert!(
            xml.contains("<w:tblHeader/>") && xml.ends_with("</w:sectPr></w:body></w:document>\n"),
            "{xml}"
        );
    }

    #[test]
    fn a_template_lends_its_styles_by_name_and_loses_only_its_text() {
        let mut template = Package::shipped();
        let styles = String::from_utf8(template.styles().to_vec()).unwrap();
        // As Word writes it in Japanese: the ids are numbers, the names are English.
        let styles = styles.replace("JireiHeading1", "1").replace("JireiTableGrid", "ac");
        let missing =
            styles.find("<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"JireiCell\"").unwrap();
        template
            .fill("<w:p><w:r><w:t>見本の文</w:t></w:r></w:p>", format!("{}</w:styles>", &styles[..missing]));
        let bytes = write(&document(), &Template(template));
        let xml = part(&bytes, "word/document.xml");
        assert!(
            xml.contains("<w:pStyle w:val=\"1\"/>") && xml.contains("<w:tblStyle w:val=\"ac\"/>"),
            "{xml}"
        );
        assert!(!xml.contains("見本の文") && xml.contains("w:footerReference"), "{xml}");
        let styles = part(&bytes, "word/styles.xml");
        assert_eq!(styles.matches("w:styleId=\"JireiCell\"").count(), 1, "{styles}");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for bytes in [&b"text"[..], b"PK\x03\x04broken", b""] {
            std::fs::write(file.path(), bytes).unwrap();
            let error = Template::open(file.path()).unwrap_err();
            assert!(error.to_string().contains("Word の文書として読めません"), "{error}");
        }
    }
}
