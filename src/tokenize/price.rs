//! What a user word costs.
//!
//! lindera's three-column user words cost -10000 and always win: オン資 would split ユニオン資料. Here the price comes
//! from the dictionary: a word costs as much as the best path through its own characters without it, less a margin
//! (`MARGIN`), with the context of a common word of its kind. Shorter words are priced first, so that 保険証 being
//! known doesn't keep マイナ保険証 apart.

use lindera::dictionary::{Dictionary, DictionaryBuilder, UserDictionary};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;

use super::chain;
use crate::token::Lexeme;
use crate::user_words::{Kind, UserWord};

/// How much cheaper a user word is than its best split, in IPADIC's cost units. With 1000 レセコン|メーカー stays
/// split; with 3000 all words wanted are found and ユニオン資料 is left alone.
const MARGIN: i64 = 3000;

/// One lattice entry of a user word: a noun gives one, a verb one per conjugated form.
struct Entry {
    surface: String,
    left: u32,
    right: u32,
    /// The nine detail columns.
    details: Vec<String>,
}

/// Builds the user dictionary, each entry at the price its own characters suggest.
pub(super) fn price(
    dictionary: &Dictionary,
    words: &[UserWord],
) -> std::result::Result<Option<UserDictionary>, String> {
    let mut entries = Vec::new();
    for word in words {
        entries.append(&mut entries_of(dictionary, word)?);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    // By length for pricing; by surface within a length only to be independent of the order of the files.
    entries.sort_by(|a, b| {
        (a.surface.chars().count(), &a.surface).cmp(&(b.surface.chars().count(), &b.surface))
    });
    let costs = &dictionary.connection_cost_matrix;
    let mut rows = String::new();
    let mut user = None;
    for same_length in entries.chunk_by(|a, b| a.surface.chars().count() == b.surface.chars().count()) {
        let mut worker = Segmenter::new(Mode::Normal, dictionary.clone(), user.take()).into_worker();
        for entry in same_length {
            let paths =
                worker.segment_nbest(&entry.surface, 1, false, None).map_err(|error| chain(&error))?;
            let best = paths.first().map_or(0, |(_, cost)| *cost);
            let context = costs.cost(0, entry.left) + costs.cost(entry.right, 0);
            let cost = (best - i64::from(context) - MARGIN).clamp(i64::from(i16::MIN), i64::from(i16::MAX));
            let details: Vec<String> = entry.details.iter().map(|field| quote(field)).collect();
            rows.push_str(&format!(
                "{},{},{},{cost},{}\n",
                quote(&entry.surface),
                entry.left,
                entry.right,
                details.join(",")
            ));
        }
        let builder = DictionaryBuilder::new((*dictionary.metadata).clone());
        user = Some(builder.build_user_dict_from_reader(rows.as_bytes()).map_err(|error| chain(&error))?);
    }
    Ok(user)
}

fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A common word of each kind, whose context ids a user word of that kind borrows. Several, because a small
/// dictionary need not have the first.
fn models(kind: Kind) -> (&'static [&'static str], &'static str) {
    match kind {
        Kind::Noun => (&["書類", "機械", "名前"], "名詞-一般"),
        Kind::ActionNoun => (&["確認", "失敗", "表示"], "名詞-サ変接続"),
        Kind::ProperNoun => (&["富士通", "日立"], "名詞-固有名詞"),
        Kind::AdjectivalNoun => (&["不便", "困難"], "名詞-形容動詞語幹"),
        Kind::IchidanVerb => (&["付け"], "動詞-自立"),
    }
}

/// The endings of a 一段 verb's forms after its stem, for looking the model's forms up.
const ICHIDAN_ENDINGS: [&str; 9] = ["", "る", "れ", "ろ", "よ", "りゃ", "ん", "らん", "りゃあ"];

fn entries_of(dictionary: &Dictionary, word: &UserWord) -> std::result::Result<Vec<Entry>, String> {
    let (models, pos) = models(word.kind);
    for model in models {
        let entries = match word.kind {
            Kind::IchidanVerb => {
                let stem = |text: &str| text.strip_suffix('る').unwrap_or(text).to_owned();
                let (surface, reading) = (stem(&word.surface), stem_of_reading(&word.reading));
                let form = |ending: &&str| {
                    entries_like(dictionary, &format!("{model}{ending}"), pos, |lexeme| {
                        &*lexeme.base == "付ける" && &*lexeme.conjugation == "一段"
                    })
                    .into_iter()
                    .map(|entry| {
                        with(
                            entry,
                            &format!("{surface}{ending}"),
                            &word.base,
                            &format!("{reading}{}", katakana(ending)),
                        )
                    })
                    .collect::<Vec<_>>()
                };
                ICHIDAN_ENDINGS.iter().flat_map(form).collect()
            }
            _ => entries_like(dictionary, model, pos, |_| true)
                .into_iter()
                .take(1)
                .map(|entry| with(entry, &word.surface, &word.base, &word.reading))
                .collect::<Vec<_>>(),
        };
        if !entries.is_empty() {
            return Ok(entries);
        }
    }
    Err(format!("「{}」の手本になる語（{}）がこの辞書にありません", word.surface, models.join("・")))
}

/// The entries of the dictionary with the surface `model`, the part of speech `pos`, and whatever `accept` asks.
fn entries_like(
    dictionary: &Dictionary,
    model: &str,
    pos: &str,
    accept: impl Fn(&Lexeme) -> bool,
) -> Vec<Entry> {
    let found = dictionary.prefix_dictionary.find_surface(model);
    let entries = found.into_iter().filter_map(|entry| {
        let id = entry.word_id().id() as usize;
        let lexeme = Lexeme::from_details(model, dictionary.word_details_iter(id), false);
        (lexeme.is_pos(pos) && accept(&lexeme)).then(|| Entry {
            surface: model.to_owned(),
            left: entry.left_id(),
            right: entry.right_id(),
            details: dictionary.word_details_iter(id).map(str::to_owned).collect(),
        })
    });
    entries.collect()
}

/// `entry` with another word's surface, base form and reading.
fn with(mut entry: Entry, surface: &str, base: &str, reading: &str) -> Entry {
    entry.surface = surface.to_owned();
    entry.details.resize(9, "*".to_owned());
    entry.details[6] = base.to_owned();
    let reading = if reading.is_empty() { "*" } else { reading };
    entry.details[7] = reading.to_owned();
    entry.details[8] = reading.to_owned();
    entry
}

fn stem_of_reading(reading: &str) -> &str {
    reading.strip_suffix('ル').unwrap_or(reading)
}

fn katakana(hiragana: &str) -> String {
    hiragana
        .chars()
        .map(|c| char::from_u32(c as u32 + 0x60).filter(|_| matches!(c, 'ぁ'..='ゖ')).unwrap_or(c))
        .collect()
}
