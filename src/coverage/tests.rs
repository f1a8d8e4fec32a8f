use std::sync::Arc;

use super::*;
use crate::diagnostic::SourceFile;
use crate::rule::compile;

fn rulebook(rules: &str, tokenizer: &Tokenizer) -> Rulebook {
    let file = Arc::new(SourceFile { name: "t.toml".to_owned(), text: rules.to_owned() });
    let compiled = compile(&[file], tokenizer);
    compiled.rulebook.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn comments(texts: &[&str]) -> Vec<Comment> {
    texts.iter().map(|text| Comment::from_text(text)).collect()
}

/// Places, matched, given, unique, overlap and taken back.
fn figures(counts: &Counts) -> [u64; 6] {
    let Counts { places, matched, given, unique, .. } = *counts;
    [places, matched, given, unique, counts.overlap(), counts.taken_back()]
}

#[test]
fn the_worked_matrix() {
    // x 会計, y 電話, z 画面, w 練習.
    let rules = "
        [[category]]
        id = 'a'
        name = 'A'
        any = ['会計', '電話']
        rule = 'near(会計, 画面)'
        not = ['練習']

        [[category]]
        id = 'b'
        name = 'B'
        any = ['画面']
    ";
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rulebook(rules, &tokenizer);
    let texts = ["会計", "会計と電話", "会計の画面", "電話の練習", "画面", "特になし"];
    let coverage = measure(&comments(&texts), None, &rulebook, &tokenizer);
    assert_eq!((coverage.answered, coverage.tagged, coverage.tags), (5, 4, 5));
    let [a, b] = &coverage.categories[..] else { panic!("two categories") };
    assert_eq!(figures(&a.counts), [5, 3, 3, 2, 1, 0]);
    assert_eq!(figures(&a.rules[0].1), [4, 4, 3, 2, 1, 1], "A/any");
    assert_eq!(figures(&a.rules[1].1), [1, 1, 1, 0, 1, 0], "A/1");
    let terms: Vec<_> =
        a.terms.iter().map(|(term, c)| (&*term.text, [c.places, c.matched, c.given, c.unique])).collect();
    assert_eq!(
        terms,
        [("会計", [3, 3, 3, 2]), ("電話", [2, 2, 1, 0]), ("画面", [2, 2, 1, 0]), ("練習", [1, 1, 0, 1])]
    );
    assert_eq!(figures(&b.counts), [2, 2, 2, 1, 1, 0]);
    assert_eq!((a.companions(), b.companions()), (vec![(1, 1)], vec![(0, 1)]));
}

#[test]
fn gold_says_what_is_right() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rulebook("[[category]]\nid = 'a'\nname = 'A'\nany = ['会計', '電話']", &tokenizer);
    let a = rulebook.find("a").unwrap();
    let gold = [Labels::new(vec![a]), Labels::default(), Labels::new(vec![a])];
    let coverage = measure(&comments(&["会計", "会計と電話", "画面"]), Some(&gold), &rulebook, &tokenizer);
    let a = &coverage.categories[0];
    let right: Vec<u64> = a.terms.iter().map(|(_, counts)| counts.right).collect();
    assert_eq!((a.counts.right, a.rules[0].1.right, right), (1, 1, vec![1, 0]));
}

/// Unique contributions are what really striking the term out of the rules changes.
#[test]
fn unique_contributions_equal_those_of_rulebooks_without_the_term() {
    const STRUCK: &str = "無関係な語";
    let rules = |words: &[&str]| {
        let [w1, w2, w3, w4, w5, w6, w7] = words else { panic!("seven words") };
        format!(
            "
            [[variant]]
            name = '混む'
            forms = ['混雑']

            [[category]]
            id = 'a'
            name = 'A'
            any = ['{w1}', '{w2}']
            rule = '''near({w3} | {w1}, 否定({w4} | 通る))[文6] または ({w5} かつ でない {w6})'''
            not = ['near({w6}, {w7})']

            [[category]]
            id = 'b'
            name = 'B'
            rule = '<a> かつ {w3}'
            "
        )
    };
    let words = ["混む", "時間がかかる", "受付", "できる", "会計", "機械", "職員"];
    let tokenizer = Tokenizer::embedded().unwrap();
    let whole = rulebook(&rules(&words), &tokenizer);
    let texts = [
        "受付が混雑した",
        "受付ができない",
        "受付が通らず、混んだ",
        "機械の受付ができないと職員",
        "職員が混むと言う。機械",
        "職員が混むと言う機械",
        "会計に時間がかかった",
        "会計の機械",
        "会計は機械でできない",
        "受付は通らないが会計はできる",
        "時間がかかり、受付もできない",
        "機械が混むので困る",
        "混む。会計",
        "関係のない話",
    ];
    let comments = comments(&texts);
    let coverage = measure(&comments, None, &whole, &tokenizer);
    let tags = |rulebook: &Rulebook| -> Vec<bool> {
        let mut worker = Worker::new(rulebook, &tokenizer);
        let a = rulebook.find("a").unwrap();
        comments.iter().map(|comment| worker.tag(comment).get(a).is_some()).collect()
    };
    let before = tags(&whole);
    for (at, word) in words.iter().enumerate() {
        let mut struck = words;
        struck[at] = STRUCK;
        let after = tags(&rulebook(&rules(&struck), &tokenizer));
        let changed = |lost: bool| {
            before.iter().zip(&after).filter(|&(&before, &after)| before == lost && after != lost).count()
        };
        let unique = |role: Role| {
            let terms = coverage.categories[0].terms.iter();
            let own = terms.filter(|(term, _)| term.text == *word && term.role == role);
            own.map(|(_, counts)| counts.unique as usize).sum::<usize>()
        };
        assert_eq!(unique(Role::Supports), changed(true), "{word} supports");
        assert_eq!(unique(Role::Blocks), changed(false), "{word} blocks");
    }
}

#[test]
fn the_number_of_threads_does_not_change_the_figures() {
    let tokenizer = Tokenizer::embedded().unwrap();
    let rulebook = rulebook("[[category]]\nid = 'a'\nname = 'A'\nany = ['会計', '電話']", &tokenizer);
    let texts: Vec<&str> = (0..50).map(|at| ["会計", "電話と会計", "画面", ""][at % 4]).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let coverage = pool.install(|| measure(&comments(&texts), None, &rulebook, &tokenizer));
        let a = &coverage.categories[0];
        (coverage.answered, a.counts, a.terms.iter().map(|(_, counts)| *counts).collect::<Vec<_>>())
    };
    assert_eq!(with(1), with(3));
}
