//! Parts of speech in KH Coder, and which words it leaves out.

use crate::token::{Class, Lexeme};

/// KH Coder's names of parts of speech, ours, and what theirs is narrower by.
pub(super) const PARTS_OF_SPEECH: [(&str, &str, Option<&str>); 20] = [
    ("名詞", "名詞-一般", Some("、ひらがなだけの語と 1 文字の語は別の品詞です")),
    ("サ変名詞", "名詞-サ変接続", None),
    ("形容動詞", "名詞-形容動詞語幹", None),
    ("ナイ形容", "名詞-ナイ形容詞語幹", None),
    ("固有名詞", "名詞-固有名詞", Some("、地名・人名・組織名を除きます")),
    ("地名", "名詞-固有名詞", Some("、地名だけです")),
    ("人名", "名詞-固有名詞", Some("、人名だけです")),
    ("組織名", "名詞-固有名詞", Some("、組織名だけです")),
    ("副詞可能", "名詞-副詞可能", None),
    ("代名詞", "名詞-代名詞", None),
    ("名詞B", "名詞-一般", Some("、ひらがなだけの語です")),
    ("名詞C", "名詞-一般", Some("、1 文字の語です")),
    ("感動詞", "感動詞", Some("、フィラーも含みます")),
    ("動詞", "動詞-自立", Some("、ひらがなだけの語を除きます")),
    ("動詞B", "動詞-自立", Some("、ひらがなだけの語です")),
    ("形容詞", "形容詞", Some("、ひらがなだけの語と非自立の語を除きます")),
    ("形容詞B", "形容詞", Some("、ひらがなだけの語です")),
    ("副詞", "副詞", Some("、ひらがなだけの語を除きます")),
    ("副詞B", "副詞", Some("、ひらがなだけの語です")),
    ("否定助動詞", "助動詞", Some("、ない・まい・ぬ・ん だけです")),
];

pub(super) fn pos_of_ours(theirs: &str) -> Option<(&'static str, Option<&'static str>)> {
    let found = PARTS_OF_SPEECH.iter().find(|(name, ..)| *name == theirs);
    found.map(|&(_, ours, narrower)| (ours, narrower))
}

/// The kind of a word that KH Coder doesn't extract unless told to.
pub(super) fn unextracted(lexeme: &Lexeme) -> Option<&'static str> {
    let is_denial = matches!(&*lexeme.base, "ない" | "まい" | "ぬ" | "ん");
    Some(match lexeme.class {
        Class::Particle => "助詞",
        Class::Auxiliary if !is_denial => "助動詞",
        Class::Symbol => "記号",
        Class::Conjunction => "接続詞",
        Class::Adnominal => "連体詞",
        Class::Prefix => "接頭詞",
        Class::Noun if lexeme.is_pos("名詞-代名詞") => "代名詞",
        Class::Noun if lexeme.is_pos("名詞-接尾") => "接尾",
        Class::Noun if lexeme.is_pos("名詞-非自立") => "非自立の名詞",
        Class::Noun if lexeme.is_pos("名詞-数") => "数",
        Class::Verb if !lexeme.is_pos("動詞-自立") => "非自立の動詞",
        _ => return None,
    })
}
