//! What the cache says is what tagging says, whatever has changed.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::SourceFile;
use crate::export;
use crate::export::csv::Separator;
use crate::export::fixture::long;
use crate::export::xlsx::Workbook;
use crate::rule::compile;

fn rulebook(rules: &[String], tokenizer: &Tokenizer) -> Rulebook {
    let variants = "[[variant]]\nname = 'エラー'\nforms = ['エラー', '誤作動']\n";
    let category = |(at, rule): (usize, &String)| {
        let rule =
            if rule.starts_with('[') { format!("any = {rule}") } else { format!("rule = '''{rule}'''") };
        format!("[[category]]\nid = 'c{at}'\nname = 'カ{at}'\n{rule}\n")
    };
    let text = variants.to_owned() + &rules.iter().enumerate().map(category).collect::<String>();
    let compiled = compile(&[Arc::new(SourceFile { name: "r.toml".into(), text })], tokenizer);
    assert!(compiled.rulebook.is_some(), "{:?}", compiled.diagnostics);
    compiled.rulebook.unwrap()
}

/// Tags the comments with the sound cache in `dir`, or none, and compares every format with a run without.
fn run(dir: &Path, rules: &[String], comments: &[Comment], tokenizer: &Tokenizer) -> usize {
    let (opened, tagged_again) = run_with_any(dir, rules, comments, tokenizer);
    assert_eq!(opened, Opened::Well);
    tagged_again
}

fn run_with_any(
    dir: &Path,
    rules: &[String],
    comments: &[Comment],
    tokenizer: &Tokenizer,
) -> (Opened, usize) {
    let rulebook = rulebook(rules, tokenizer);
    let (cache, opened) = Cache::open(Reading::begin(dir, true).unwrap(), &rulebook, tokenizer).unwrap();
    let mut worker = Worker::new(&rulebook, tokenizer);
    let mut tagged_again = 0;
    let bytes = |tagging: &dyn Fn(&Comment) -> Tagging| {
        let (mut csv, mut jsonl) = (Vec::new(), Vec::new());
        for comment in comments {
            let tagging = tagging(comment);
            export::csv::write_comment(&mut csv, comment, &tagging, &rulebook, Separator::Comma);
            export::jsonl::write_comment(&mut jsonl, comment, &tagging, &rulebook);
        }
        (String::from_utf8(csv).unwrap(), String::from_utf8(jsonl).unwrap())
    };
    let (mut cached, mut excerpts) = (Vec::new(), Vec::new());
    {
        let mut batch = cache.batch();
        for comment in comments {
            let (tagging, is_analysed) = batch.tag(&mut worker, comment);
            tagged_again += usize::from(is_analysed);
            let mut candidates = Vec::new();
            batch.candidates(&mut worker, comment, (&tagging, is_analysed), &mut candidates);
            excerpts.push(format!("{candidates:?}"));
            cached.push(tagging);
        }
    }
    let at = std::cell::Cell::new(0);
    let from_cache = bytes(&|_| cached[at.replace(at.get() + 1)].clone());
    let fresh = std::cell::RefCell::new(worker);
    assert_eq!(from_cache, bytes(&|comment| fresh.borrow_mut().tag(comment)));
    for (comment, excerpts) in comments.iter().zip(excerpts) {
        let mut worker = fresh.borrow_mut();
        let tagging = worker.tag(comment);
        let mut candidates = Vec::new();
        candidates_of(comment, &tagging, worker.analyser(), &mut candidates);
        assert_eq!(excerpts, format!("{candidates:?}"));
    }
    cache.save().unwrap();
    (opened, tagged_again)
}

const WORDS: [&str; 14] = [
    "顔認証",
    "できない",
    "できた",
    "エラー",
    "誤作動",
    "が出る",
    "受付",
    "混んでいた",
    "を読み取れなかった",
    "。",
    "、",
    "カード",
    "は",
    "特になし",
];

const CONDITIONS: [&str; 20] = [
    "['顔認証']",
    "['顔認証', '混む']",
    "['混む', '顔認証', 'near(受付, 混む)', '{エラー}']",
    "['でない 顔認証', '混む']",
    "顔認証",
    "できる",
    "{エラー}",
    "near(顔認証, 否定(できる))",
    "混む | エラー",
    "「認証」",
    "読み取れない",
    "カード かつ でない 受付",
    "でない 顔認証",
    "否定(できる | 読み取れる)",
    "列(都道府県, '東京都') かつ 顔認証",
    "列(問, '問7') かつ 受付",
    "字数 >= 8",
    "/受付が?混/",
    "回数(顔認証) >= 2",
    "カード かつ *-->動詞",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn after_any_edits_a_cached_run_gives_the_bytes_of_a_full_one(
        runs in prop::collection::vec(
            (
                prop::collection::vec((0..CONDITIONS.len(), any::<bool>()), 1..5),
                prop::collection::vec((prop::collection::vec(0..WORDS.len(), 1..7), any::<bool>()), 1..12),
            ),
            2..5,
        )
    ) {
        let tokenizer = tokenizer();
        let dir = tempfile::tempdir().unwrap();
        for (conditions, texts) in &runs {
            // Some categories refer to the one before them.
            let rules: Vec<String> = conditions
                .iter()
                .enumerate()
                .map(|(at, &(condition, refers))| match at.checked_sub(1).filter(|_| refers) {
                    Some(before) if CONDITIONS[condition].starts_with('[') => {
                        CONDITIONS[condition].replace(']', &format!(", '<c{before}>']"))
                    }
                    Some(before) => format!("({}) または <c{before}>", CONDITIONS[condition]),
                    None => CONDITIONS[condition].to_owned(),
                })
                .collect();
            let comments: Vec<Comment> = texts
                .iter()
                .map(|(words, is_tokyo)| {
                    let text: String = words.iter().map(|&word| WORDS[word]).collect();
                    let place = if *is_tokyo { "東京都" } else { "愛知県" };
                    long("1", if words.len() % 2 == 0 { "問7" } else { "問13" }, place, &text)
                })
                .collect();
            run(dir.path(), &rules, &comments, tokenizer);
            prop_assert_eq!(run(dir.path(), &rules, &comments, tokenizer), 0);
        }
    }
}

fn tokenizer() -> &'static Tokenizer {
    static TOKENIZER: std::sync::OnceLock<Tokenizer> = std::sync::OnceLock::new();
    TOKENIZER.get_or_init(|| Tokenizer::embedded().unwrap())
}

fn comments(texts: &[&str]) -> Vec<Comment> {
    texts.iter().map(|text| Comment::from_text(text)).collect()
}

fn rules(rules: &[&str]) -> Vec<String> {
    rules.iter().map(|&rule| rule.to_owned()).collect()
}

#[test]
fn only_what_a_changed_rule_can_concern_is_tagged_again() {
    let dir = tempfile::tempdir().unwrap();
    let texts = comments(&["顔認証ができない", "受付が混んだ", "受付が混んだ", "カードを忘れた", "特になし"]);
    let tagged = |list: &[&str]| run(dir.path(), &rules(list), &texts, tokenizer());
    // Answers that are equal are tagged once.
    assert_eq!(tagged(&["顔認証", "混む"]), 3);
    assert_eq!(tagged(&["顔認証", "混む"]), 0);
    // Order and names don't matter, nor what goes.
    assert_eq!(tagged(&["混む", "顔認証"]), 0);
    assert_eq!(tagged(&["混む"]), 0);
    // A base form finds the form that was met before.
    assert_eq!(tagged(&["混む", "忘れる"]), 1);
    assert_eq!(tagged(&["混む", "near(顔認証, 忘れる)"]), 0);
    assert_eq!(tagged(&["混む", "でない 顔認証"]), 3);
}

#[test]
fn a_longer_list_concerns_what_its_new_words_can_be_in() {
    let dir = tempfile::tempdir().unwrap();
    let texts =
        comments(&["顔認証ができない", "受付が混んだ", "顔認証で混んだ", "カードを忘れた", "顔認証を忘れた"]);
    let tagged = |list: &[&str]| run(dir.path(), &rules(list), &texts, tokenizer());
    assert_eq!(tagged(&["['顔認証']", "カード"]), 5);
    // What had the word before keeps it without being tagged again.
    assert_eq!(tagged(&["['顔認証', '忘れる']", "カード"]), 2);
    assert_eq!(tagged(&["カード", "['near(受付, 混む)', '忘れる', '顔認証']"]), 1);
    assert_eq!(tagged(&["['でない 顔認証', 'カード']"]), 5);
    // A word less: its evidence can't be told from that of the others.
    assert_eq!(tagged(&["['顔認証', '忘れる']"]), 4);
    assert_eq!(tagged(&["['顔認証']"]), 3);
    // A list isn't longer if something else takes its evidence back.
    assert_eq!(tagged(&["['顔認証', '忘れる']\nnot = ['混む']"]), 4);
}

#[test]
fn inputs_may_take_turns_and_the_oldest_are_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let rules = rules(&["顔認証"]);
    let tagged = |at: usize| run(dir.path(), &rules, &comments(&[&format!("顔認証{at}")]), tokenizer());
    for at in 0..MOST_RUNS {
        assert_eq!(tagged(at), 1);
    }
    for at in (0..MOST_RUNS).chain(0..MOST_RUNS) {
        assert_eq!(tagged(at), 0, "{at}");
    }
    assert_eq!(tagged(MOST_RUNS), 1);
    assert_eq!(tagged(1), 0);
    assert_eq!(tagged(0), 1);
}

#[test]
fn a_damaged_or_foreign_cache_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let (rules, texts) = (rules(&["顔認証"]), comments(&["顔認証ができない"]));
    run(dir.path(), &rules, &texts, tokenizer());
    let path = dir.path().join(file::NAME);
    let whole = std::fs::read(&path).unwrap();
    let rulebook = rulebook(&rules, tokenizer());
    let opened = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let (cache, opened) =
            Cache::open(Reading::begin(dir.path(), false).unwrap(), &rulebook, tokenizer()).unwrap();
        (opened, cache.known.len())
    };
    assert_eq!(opened(&whole), (Opened::Well, 1));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert_eq!(opened(&bytes), (Opened::Damaged, 0), "byte {at}");
        assert_eq!(opened(&whole[..at]), (Opened::Damaged, 0), "{at} bytes");
    }
    let Ok(Found::Cache(mut stored)) = (std::fs::write(&path, &whole), file::read(dir.path())).1 else {
        panic!()
    };
    stored.maker.push('1');
    file::write(dir.path(), &stored).unwrap();
    assert_eq!(opened(&std::fs::read(&path).unwrap()), (Opened::OfAnother, 0));
}

#[test]
fn damaged_candidates_are_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (rules, texts) =
        (rules(&["顔認証", "できない"]), comments(&["顔認証ができない。", "09012345678。できない"]));
    run(dir.path(), &rules, &texts, tokenizer());
    let path = dir.path().join(records::NAME);
    let whole = std::fs::read(&path).unwrap();
    let rulebook = rulebook(&rules, tokenizer());
    let opened = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let (cache, opened) =
            Cache::open(Reading::begin(dir.path(), true).unwrap(), &rulebook, tokenizer()).unwrap();
        let records = cache.records.unwrap();
        let known: Vec<Digest> = records.known.keys().copied().collect();
        (opened, known.into_iter().filter(|&key| records.get(key, &mut Window::default()).is_some()).count())
    };
    assert_eq!(opened(&whole), (Opened::Well, 2));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        // A record is lost, or all are.
        assert!(matches!(opened(&bytes), (Opened::Well, 1) | (Opened::Damaged, 0)), "byte {at}");
        assert_eq!(opened(&whole[..at]), (Opened::Damaged, 0), "{at} bytes");
    }
    // What is there after that is whole again.
    let mut bytes = whole.clone();
    bytes[30] ^= 1;
    assert_eq!(opened(&bytes), (Opened::Well, 1));
    run(dir.path(), &rules, &texts, tokenizer());
    assert_eq!(opened(&std::fs::read(&path).unwrap()), (Opened::Well, 2));
    std::fs::write(&path, &whole[1..]).unwrap();
    assert_eq!(run_with_any(dir.path(), &rules, &texts, tokenizer()), (Opened::Damaged, 0));
    assert_eq!(opened(&std::fs::read(&path).unwrap()), (Opened::Well, 2));
}

#[test]
fn rows_of_the_workbook_are_those_of_a_run_without() {
    let dir = tempfile::tempdir().unwrap();
    let rulebook = rulebook(&rules(&["顔認証"]), tokenizer());
    let mut worker = Worker::new(&rulebook, tokenizer());
    let mut tag = |text: &str| {
        let comment = long("1", "問7", "東京都", text);
        let tagging = worker.tag(&comment);
        (comment, tagging)
    };
    let mut tagged: Vec<(Comment, Tagging)> =
        (0..200).map(|n| tag(&format!("{n}人目も顔認証ができない"))).collect();
    let other = self::rulebook(&rules(&["顔認証", "混む"]), tokenizer());
    let layout = |rulebook| Workbook::create(tagged[0].0.schema(), rulebook).unwrap().row_layout();
    let layouts = [layout(&rulebook), layout(&other)];
    // How many parts are known, and whether all rows are as they should be.
    let run_as = |layout: &RowLayout<'_>, first: u64, tagged: &[(Comment, Tagging)]| {
        let (cache, _) =
            Cache::open(Reading::begin(dir.path(), true).unwrap(), &rulebook, tokenizer()).unwrap();
        let (mut batch, mut room) = (cache.batch(), xlsx::Room::default());
        for (first, part) in xlsx::parts(first, tagged) {
            let (made, known) =
                (layout.part(first, part, &mut room), batch.part(layout, first, part, &mut room));
            assert!(made.remembered() == known.remembered());
        }
        cache.save().unwrap();
        cache.records.unwrap().known.len()
    };
    let run = |tagged: &[(Comment, Tagging)]| run_as(&layouts[0], 100, tagged);
    assert_eq!(run(&tagged), 0);
    assert_eq!(run(&tagged), 4);
    // A category less, a text more, a cell too long: one part each time, of which the last isn't remembered.
    tagged[30].1 = Tagging::default();
    assert_eq!(run(&tagged), 4);
    tagged[190] = tag("顔認証");
    assert_eq!(run(&tagged), 5);
    tagged[0] = tag(&"顔認証".repeat(20_000));
    assert_eq!(run(&tagged), 6);
    assert_eq!(run(&tagged), 6);
    // Elsewhere in the book they are other rows, and with more categories, too.
    assert_eq!(run_as(&layouts[0], 164, &tagged), 6);
    assert_eq!(run_as(&layouts[1], 100, &tagged), 9);
    assert_eq!(run(&tagged), 12);
}

#[test]
fn of_records_without_use_the_oldest_go() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Records::open(dir.path(), records::read(dir.path()), "me").unwrap().0;
    let key = |n: u8| digest::text(&Comment::from_text(&n.to_string()));
    for n in 0..6 {
        let records = open();
        records.put(key(n), &[n; 100]);
        records.save().unwrap();
    }
    let records = open();
    assert!(records.get(key(1), &mut Window::default()).is_some());
    let kept = |most: u64| {
        let kept = records.kept(most);
        (0..6).filter(|&n| kept.iter().any(|(other, _)| *other == key(n))).collect::<Vec<u8>>()
    };
    assert_eq!(kept(500), [0, 1, 2, 3, 4, 5]);
    assert_eq!(kept(499), [1, 2, 3, 4, 5]);
    assert_eq!(kept(250), [1, 4, 5]);
    assert_eq!(kept(0), [1]);
}

#[test]
fn records_are_found_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let open = || Records::open(dir.path(), records::read(dir.path()), "me").unwrap().0;
    // Together several windows, one of them larger than a window, one empty.
    let record = |n: usize| vec![n as u8; [300, 0, 7000, 40_000, 12][n % 5]];
    let key = |n: usize| digest::text(&Comment::from_text(&n.to_string()));
    let first = open();
    (0..40).for_each(|n| first.put(key(n), &record(n)));
    first.save().unwrap();
    let second = open();
    (40..60).for_each(|n| second.put(key(n), &record(n)));
    second.save().unwrap();
    let found = open();
    let orders: [Vec<usize>; 3] =
        [(0..60).collect(), (0..60).rev().collect(), (0..60).map(|n| n * 7 % 60).collect()];
    for order in orders {
        let mut window = Window::default();
        for n in order {
            assert_eq!(found.get(key(n), &mut window), Some(&*record(n)), "{n}");
        }
    }
    assert_eq!(found.get(key(60), &mut Window::default()), None);
}
