//! Makes any number of answers out of the sentences of `corpus/sample.csv`, for measuring speed: always the same ones,
//! about 60 characters each. Usage: `make_answers N > answers.csv`.
//!
//! The answers make no sense, but words, marks, typing errors and line breaks are those of real answers.

use std::error::Error;
use std::io::{self, BufWriter, Write};

/// Where sentences are taken from.
const SAMPLE: &str = include_str!("../corpus/sample.csv");

/// Shortest and longest length aimed at, in characters. Sentences end where they end: the mean comes out at 60.
const LENGTHS: std::ops::Range<u64> = 15..80;

const PREFECTURES: [&str; 6] = ["北海道", "東京都", "愛知県", "大阪府", "広島県", "福岡県"];
const KINDS: [&str; 4] = ["病院", "医科診療所", "歯科診療所", "薬局"];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted: u64 = std::env::args().nth(1).ok_or("usage: make_answers N")?.parse()?;
    let sentences = sentences()?;
    let mut random = Random(1);
    let mut out = csv::Writer::from_writer(BufWriter::new(io::stdout().lock()));
    // Called text: a 問N column that repeats a few cells would be taken for a closed question.
    out.write_record(["id", "都道府県", "区分", "text"])?;
    let mut text = String::new();
    for id in 1..=wanted {
        let length = LENGTHS.start + random.below(LENGTHS.end - LENGTHS.start);
        text.clear();
        let mut chars = 0;
        while chars < length {
            let sentence = random.choose(&sentences);
            text.push_str(sentence);
            chars += sentence.chars().count() as u64;
        }
        let (prefecture, kind) = (*random.choose(&PREFECTURES), *random.choose(&KINDS));
        out.write_record([id.to_string().as_str(), prefecture, kind, text.as_str()])?;
    }
    out.into_inner()?.flush()?;
    Ok(())
}

/// The sentences of all answers of the sample, verbatim, each with its full stop or line break.
fn sentences() -> Result<Vec<String>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(SAMPLE.as_bytes());
    let headers = reader.headers()?.clone();
    let mut sentences = Vec::new();
    for row in reader.records() {
        let row = row?;
        let answers = headers.iter().zip(&row).filter(|(header, _)| header.starts_with('問'));
        for sentence in answers.flat_map(|(_, answer)| answer.split_inclusive(['。', '\n'])) {
            if sentence.ends_with(['。', '\n']) {
                sentences.push(sentence.to_owned());
            } else if !sentence.is_empty() {
                sentences.push(format!("{sentence}。"));
            }
        }
    }
    Ok(sentences)
}

/// SplitMix64: a few lines, and the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn choose<'s, T>(&mut self, from: &'s [T]) -> &'s T {
        &from[usize::try_from(self.below(from.len() as u64)).expect("an index fits")]
    }
}
