//! The tagged table as Parquet, for analysts: `jirei tag --format parquet`.
//!
//! The columns are those of tagged.csv with the types that CSV lacks: カテゴリ and 根拠 are lists, and a category's own column is
//! true or false. Cells are as read, without apostrophes. Rows are written in groups of a fixed number, so the bytes
//! depend on the comments alone.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::error::{Error, Result};
use crate::export::csv::{columns, places, status_label};
use crate::rule::Rulebook;

/// Rows of a group: large enough to pack well, small enough to hold in memory.
const GROUP: usize = 65_536;

/// A table being written.
pub struct Table<'r, W: Write + Send> {
    writer: SerializedFileWriter<W>,
    rulebook: &'r Rulebook,
    columns: Vec<Column>,
    /// Rows held in `columns`.
    rows: usize,
}

/// The cells of a column since the last group.
enum Column {
    Texts(Vec<ByteArray>),
    /// The elements of all lists, and how many each has.
    Lists(Vec<ByteArray>, Vec<usize>),
    Truths(Vec<bool>),
}

impl<'r, W: Write + Send> Table<'r, W> {
    /// Starts a table for comments of `schema` in `out`.
    ///
    /// # Errors
    /// If `out` can't be written.
    pub fn create(out: W, schema: &Schema, rulebook: &'r Rulebook) -> Result<Self> {
        let texts = schema.headers.len() + if schema.is_wide() { 3 } else { 1 };
        let columns = (0..texts).map(|_| Column::Texts(Vec::new()));
        let columns = columns.chain((0..2).map(|_| Column::Lists(Vec::new(), Vec::new())));
        let columns = columns.chain(rulebook.categories().iter().map(|_| Column::Truths(Vec::new())));
        let columns: Vec<Column> = columns.collect();
        let names = schema.headers.iter().cloned().chain(self::columns(schema, rulebook));
        let fields = columns.iter().zip(names).map(|(column, name)| column.field(&name));
        let fields = fields.collect::<std::result::Result<Vec<TypePtr>, _>>().map_err(failure)?;
        let root = Type::group_type_builder("jirei").with_fields(fields).build().map_err(failure)?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("jirei ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties)).map_err(failure)?;
        Ok(Table { writer, rulebook, columns, rows: 0 })
    }

    /// Adds the next comment of the input, whose schema must have the columns the table was created for.
    ///
    /// # Errors
    /// If the output can't be written.
    pub fn add(&mut self, comment: &Comment, tagging: &Tagging) -> Result<()> {
        let mut next = self.columns.iter_mut();
        let mut text = |cell: &str| {
            if let Some(Column::Texts(cells)) = next.next() {
                cells.push(bytes(cell));
            }
        };
        comment.row().cells.iter().for_each(&mut text);
        if comment.schema().is_wide() {
            text(comment.question());
            text(comment.text());
        }
        text(status_label(comment.status()));
        let names = tagging.tags.iter().map(|tag| self.rulebook.category(tag.category).name.as_str());
        let evidence = places(tagging).into_iter().map(|place| &comment.text()[place.range()]);
        for list in [names.collect::<Vec<_>>(), evidence.collect()] {
            if let Some(Column::Lists(elements, lengths)) = next.next() {
                lengths.push(list.len());
                elements.extend(list.into_iter().map(bytes));
            }
        }
        for (column, category) in next.zip(self.rulebook.category_ids()) {
            if let Column::Truths(truths) = column {
                truths.push(tagging.get(category).is_some());
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    /// Writes what is left, and gives the output back.
    ///
    /// # Errors
    /// If the output can't be written.
    pub fn finish(mut self) -> Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.into_inner().map_err(failure)
    }

    fn write_group(&mut self) -> Result<()> {
        self.rows = 0;
        let mut write = || {
            let mut group = self.writer.next_row_group()?;
            for column in &mut self.columns {
                let Some(mut to) = group.next_column()? else { break };
                match column {
                    Column::Texts(cells) => {
                        to.typed::<ByteArrayType>().write_batch(cells, None, None)?;
                        cells.clear();
                    }
                    Column::Lists(elements, lengths) => {
                        let (defined, repeated) = levels(lengths);
                        to.typed::<ByteArrayType>().write_batch(elements, Some(&defined), Some(&repeated))?;
                        elements.clear();
                        lengths.clear();
                    }
                    Column::Truths(truths) => {
                        to.typed::<BoolType>().write_batch(truths, None, None)?;
                        truths.clear();
                    }
                }
                to.close()?;
            }
            group.close().map(|_| ())
        };
        write().map_err(failure)
    }
}

impl Column {
    /// What the file says of the column. No cell is ever missing: an empty one is an empty text.
    fn field(&self, name: &str) -> std::result::Result<TypePtr, ParquetError> {
        let primitive = |name: &str, physical, logical| {
            Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(logical)
                .build()
                .map(Arc::new)
        };
        match self {
            Column::Texts(_) => primitive(name, Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Column::Truths(_) => primitive(name, Physical::BOOLEAN, None),
            Column::Lists(..) => {
                let element = primitive("element", Physical::BYTE_ARRAY, Some(LogicalType::String))?;
                let list = Type::group_type_builder("list")
                    .with_repetition(Repetition::REPEATED)
                    .with_fields(vec![element])
                    .build()?;
                Type::group_type_builder(name)
                    .with_repetition(Repetition::REQUIRED)
                    .with_fields(vec![Arc::new(list)])
                    .with_logical_type(Some(LogicalType::List))
                    .build()
                    .map(Arc::new)
            }
        }
    }
}

/// The definition and repetition levels of lists of these lengths: an empty one is a place where no element is defined, and
/// an element that doesn't begin a list repeats.
fn levels(lengths: &[usize]) -> (Vec<i16>, Vec<i16>) {
    let of_list =
        |&length: &usize| (0..length.max(1)).map(move |at| (i16::from(length > 0), i16::from(at > 0)));
    lengths.iter().flat_map(of_list).unzip()
}

fn bytes(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

fn failure(error: ParquetError) -> Error {
    let source = match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(error) => std::io::Error::other(error),
        },
        other => std::io::Error::other(other),
    };
    Error::Output { source }
}

#[cfg(test)]
mod tests {
    use parquet::file::metadata::RowGroupMetaData;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, Row};

    use super::*;
    use crate::export::fixture::{long, rulebook, tagging, wide};

    /// Opens a file of these bytes.
    fn reader(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        SerializedFileReader::new(file).unwrap()
    }

    /// The rows of the file as a reader prints them.
    fn rows(comments: &[(Comment, Tagging)]) -> Vec<String> {
        let rulebook = rulebook();
        let make = || {
            let mut table = Table::create(Vec::new(), comments[0].0.schema(), &rulebook).unwrap();
            comments.iter().for_each(|(comment, tagging)| table.add(comment, tagging).unwrap());
            table.finish().unwrap()
        };
        let file = make();
        assert!(file == make(), "the bytes are not the same twice");
        let row = |row: Row| {
            let cells = row.get_column_iter().map(|(name, field)| match field {
                Field::Str(text) => format!("{name}={text}"),
                other => format!("{name}={other}"),
            });
            cells.collect::<Vec<_>>().join("|")
        };
        reader(&file).get_row_iter(None).unwrap().map(|read| row(read.unwrap())).collect()
    }

    #[test]
    fn categories_are_lists_and_truths_and_cells_are_as_read() {
        let answer = long("012", "問7", "=1+1", "●が出て、顔認証もできず");
        let tags = tagging(answer.text(), &[(0, &["顔認証もできず"]), (1, &["●", "顔認証もできず"])]);
        let nothing = (long("013", "問7", "", "特になし"), Tagging::default());
        assert_eq!(
            rows(&[(answer, tags), nothing]),
            [
                "番号=012|問=問7|都道府県==1+1|回答=●が出て、顔認証もできず|状態=回答あり|カテゴリ=[\"顔認証失敗\", \"●表記\"]|\
                 根拠=[\"●\", \"顔認証もできず\"]|顔認証失敗=true|●表記=true|タイムラグ=false",
                "番号=013|問=問7|都道府県=|回答=特になし|状態=特になし|カテゴリ=[]|根拠=[]|顔認証失敗=false|●表記=false|\
                 タイムラグ=false",
            ]
        );
    }

    #[test]
    fn a_wide_table_has_question_and_answer_of_its_own() {
        let [first, second] = wide(1, ["", "=●"]);
        let tags = tagging("=●", &[(1, &["=●"])]);
        let found = rows(&[(first, Tagging::default()), (second, tags)]);
        assert!(
            found[1].contains("|問=問13|本文==●|状態=回答あり|カテゴリ=[\"●表記\"]|根拠=[\"=●\"]|"),
            "{}",
            found[1]
        );
        assert!(found[1].ends_with("|タイムラグ（jirei）=false"), "{}", found[1]);
    }

    #[test]
    fn more_rows_than_a_group_holds_are_all_there() {
        let comment = long("1", "問7", "東京都", "●");
        let (rulebook, tags) = (rulebook(), tagging("●", &[(1, &["●"])]));
        let mut table = Table::create(Vec::new(), comment.schema(), &rulebook).unwrap();
        for _ in 0..GROUP + 7 {
            table.add(&comment, &tags).unwrap();
        }
        let reader = reader(&table.finish().unwrap());
        let groups: Vec<i64> =
            reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
        assert_eq!(groups, [GROUP as i64, 7]);
    }
}
