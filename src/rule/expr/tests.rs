use super::*;

/// The tree in a form short enough to compare.
fn show(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(show).collect::<Vec<_>>().join(" ");
    match &expr.node {
        Node::Or(items) => format!("(or {})", list(items)),
        Node::And(items) => format!("(and {})", list(items)),
        Node::Not(inner) => format!("(not {})", show(inner)),
        Node::Compare(inner, comparison, n) => format!("({comparison:?} {} {n})", show(inner)),
        Node::Near { operands, ordered, scope, distance } => {
            let name = if *ordered { "seq" } else { "near" };
            format!("({name} {scope:?} {distance:?} {})", list(operands))
        }
        Node::Polarity(inner, polarity) => format!("({polarity:?} {})", show(inner)),
        Node::Length => "length".to_owned(),
        Node::Column(name, values) => format!("(column {name} {values:?})"),
        Node::Adjacent(items) => format!("(+ {})", list(items)),
        Node::Word(word) => word.clone(),
        Node::Pos(inner, pos) => format!("({} is {pos})", show(inner)),
        Node::Any(pos) => format!("(any {pos})"),
        Node::Literal(text) => format!("「{text}」"),
        Node::Name(name) => format!("{{{name}}}"),
        Node::Category(id) => format!("<{id}>"),
        Node::Regex(pattern) => format!("/{pattern}/"),
    }
}

#[test]
fn conditions_read_as_they_are_meant() {
    for (source, expected) in [
        ("顔認証", "顔認証"),
        ("顔認証 かつ 失敗 または エラー", "(or (and 顔認証 失敗) エラー)"),
        ("顔認証　＆（失敗｜エラー）", "(and 顔認証 (or 失敗 エラー))"),
        ("顔認証またはカメラ", "(or 顔認証 カメラ)"),
        ("a and not b", "(and a (not b))"),
        ("!!a", "a"),
        (
            "near(顔認証, 否定(できる | 通る))[文12]",
            "(near Sentence Some(12) 顔認証 (Denied (or できる 通る)))",
        ),
        ("順に（a、b）［節］", "(seq Clause None a b)"),
        ("近く(a, でない b)[８]", "(near Sentence Some(8) a (not b))"),
        ("near(a, b)", "(near Sentence Some(10) a b)"),
        ("回数(a or b) >= 2", "(AtLeast (or a b) 2)"),
        ("字数()<１０", "(Less length 10)"),
        ("列(問, '問7', /^問1/)", "(column 問 [Equal(\"問7\"), Regex(\"^問1\")])"),
        ("期限+切れ-->名詞", "((+ 期限 切れ) is 名詞)"),
        (
            "「他人の顔」 | {紐づけ} | <face-auth> | /[0-9]+割/",
            "(or 「他人の顔」 {紐づけ} <face-auth> /[0-9]+割/)",
        ),
        ("'and' or \"2025\"", "(or and 2025)"),
        ("‘and’ or “2025”", "(or and 2025)"),
        ("a # 注\n or b", "(or a b)"),
    ] {
        let parsed = parse(source).unwrap_or_else(|problem| panic!("{source}: {problem:?}"));
        assert_eq!(show(&parsed.expr), expected, "{source}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    for (source, kind, place) in [
        ("near(顔認証, 失敗", Kind::Unclosed, "("),
        ("(a", Kind::Unclosed, "("),
        ("a)", Kind::Syntax, ")"),
        ("「顔", Kind::Unclosed, "「顔"),
        ("a b", Kind::Syntax, "b"),
        ("a または", Kind::Syntax, "は"),
        ("または a", Kind::Syntax, "または"),
        ("囲み(a)", Kind::UnknownFunction, "囲み"),
        ("near(顔認証-失敗)", Kind::KhCoder, "顔認証-失敗"),
        ("near(顔 - 認証)", Kind::KhCoder, "-"),
        ("near(a, b)[b5]", Kind::KhCoder, "[b5]"),
        ("失敗->未然形", Kind::KhCoder, "->"),
        ("<>問-->7", Kind::KhCoder, "<>"),
        ("lw >= 10", Kind::KhCoder, "lw"),
        ("*顔認証\n失敗", Kind::KhCoder, "*顔認証"),
        ("near(a, b)[章3]", Kind::Syntax, "[章3]"),
        ("near(a)", Kind::Syntax, "(a)"),
        ("『画面』", Kind::Syntax, "『"),
        ("画面【大】", Kind::Syntax, "【"),
        ("near(a, b)「文5」", Kind::Syntax, "「文5」"),
        ("否定 できる", Kind::Syntax, "できる"),
        ("回数(a)", Kind::Syntax, ")"),
        ("a = b", Kind::Syntax, "="),
        ("回数(a) => 2", Kind::Syntax, "=>"),
        ("/[0-9", Kind::Unclosed, "/[0-9"),
    ] {
        let problem = parse(source).err().unwrap_or_else(|| panic!("{source} was accepted"));
        assert_eq!((problem.kind, &source[problem.range.clone()]), (kind, place), "{source}");
    }
    let deep = "(".repeat(1000);
    assert!(parse(&deep).is_err());
}

#[test]
fn suspicious_conditions_are_warned_of() {
    let kinds = |source: &str| parse(source).unwrap().warnings.iter().map(|w| w.kind).collect::<Vec<_>>();
    assert_eq!(kinds("a and b or c"), [Kind::MixedOperators]);
    assert_eq!(kinds("(a and b) or c"), []);
    assert_eq!(kinds("失敗andエラー"), [Kind::GluedOperator]);
}

proptest::proptest! {
    #[test]
    fn no_condition_panics(source in "[a顔()\\[\\]{}<>「」/'\"|&!+,=#>0-9 文節nearまたはかつ否定列回数字（）]{0,40}") {
        if let Err(problem) = parse(&source) {
            proptest::prop_assert!(source.get(problem.range).is_some());
        }
    }
}
