//! A number of a spreadsheet as people see it: 00012, 12.5%, 2024/4/1, 令和6年4月1日.
//!
//! Covers the formats that surveys have: digits, grouping, decimals, percent, text around them, dates and times, Japanese eras
//! and weekdays. Fractions and powers of ten are shown plainly, colours are passed over.

/// A moment: year, month, day, hour, minute, second, millisecond.
pub(super) type Moment = (u16, u8, u8, u8, u8, u8, u16);

/// `value` in the format `code`.
pub(super) fn number(value: f64, code: &str) -> String {
    let sections: Vec<Vec<Piece>> = sections(code);
    let is_negative = value < 0.0;
    let has_conditions = sections.iter().flatten().any(|piece| matches!(piece, Piece::When(..)));
    // Positive; negative; zero. A format of its own for negative numbers writes their sign itself.
    let (section, value) = match sections.as_slice() {
        [] => return general(value),
        [only] => (only, value),
        [.., last] if has_conditions => {
            (sections.iter().find(|section| holds(section, value)).unwrap_or(last), value)
        }
        [_, negative, ..] if is_negative => (negative, -value),
        [_, _, zero, ..] if value == 0.0 => (zero, value),
        [positive, ..] => (positive, value),
    };
    let placeholders: String = section.iter().filter_map(Piece::placeholder).collect();
    let is_general = section.iter().any(|piece| matches!(piece, Piece::Code(c) if "GgEe/?@".contains(*c)));
    if placeholders.is_empty() || is_general {
        return match section.iter().all(|piece| matches!(piece, Piece::Text(_) | Piece::When(..))) {
            // `"なし"` and the like for zero.
            true if !section.is_empty() && sections.len() > 1 => texts(section),
            _ => general(value),
        };
    }
    let percents = section.iter().filter(|piece| matches!(piece, Piece::Code('%'))).count();
    let (whole, decimals) = placeholders.split_once('.').unwrap_or((&placeholders, ""));
    // A comma that no digit follows divides by a thousand: 1,234 千円.
    let commas = |part: &str| part.len() - part.trim_end_matches(',').len();
    let thousands = commas(whole) + commas(decimals);
    let power = |count: usize| i32::try_from(count).unwrap_or_default();
    let scaled = value * 100_f64.powi(power(percents)) / 1000_f64.powi(power(thousands));
    let digits = digits(scaled.abs(), whole, decimals);
    let sign = if scaled < 0.0 && digits.contains(|c| matches!(c, '1'..='9')) { "-" } else { "" };
    let mut out = sign.to_owned();
    let mut is_written = false;
    for piece in section {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Code('%') => out.push('%'),
            piece if piece.placeholder().is_some() && !is_written => {
                out.push_str(&digits);
                is_written = true;
            }
            Piece::Code(c) if "-+() /:".contains(*c) => out.push(*c),
            Piece::Code(_) | Piece::Elapsed(_) | Piece::When(..) => {}
        }
    }
    out.trim().to_owned()
}

/// Whether `value` meets the condition of `section`, or there is none.
fn holds(section: &[Piece], value: f64) -> bool {
    section.iter().all(|piece| match piece {
        Piece::When(sign, limit) => match sign.as_str() {
            "<" => value < *limit,
            "<=" => value <= *limit,
            ">" => value > *limit,
            ">=" => value >= *limit,
            "=" => value == *limit,
            _ => value != *limit,
        },
        _ => true,
    })
}

/// `value`, which isn't negative, with so many decimals. Half is rounded up, and on the 15 digits that people see: 1.005 with two
/// decimals is 1.01, though the number in the file is a little less.
fn rounded(value: f64, decimals: usize) -> String {
    let seen = format!("{value:.14e}");
    let parts = seen.split_once('e').and_then(|(mantissa, exponent)| {
        Some((mantissa.replace('.', "").parse::<u128>().ok()?, exponent.parse::<i64>().ok()?))
    });
    // Infinity has no digits.
    let Some((digits, exponent)) = parts else { return value.to_string() };
    let shift = exponent - 14 + i64::try_from(decimals).unwrap_or_default();
    let digits = match (usize::try_from(shift), u32::try_from(-shift)) {
        (Ok(zeros), _) if digits > 0 => format!("{digits}{}", "0".repeat(zeros)),
        // All 15 digits stand behind the last decimal.
        (_, Ok(places)) if places <= 15 => {
            let unit = 10_u128.pow(places);
            ((digits + unit / 2) / unit).to_string()
        }
        _ => "0".to_owned(),
    };
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    if decimals == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// The digits of a number that isn't negative, for placeholders such as `#,##0` and `00`.
fn digits(value: f64, whole: &str, decimals: &str) -> String {
    let most = decimals.chars().filter(|c| "0#".contains(*c)).count();
    let least = decimals.chars().filter(|&c| c == '0').count();
    let written = rounded(value, most);
    let (integer, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let mut fraction = fraction.to_owned();
    while fraction.len() > least && fraction.ends_with('0') {
        fraction.pop();
    }
    let zeros = whole.chars().filter(|&c| c == '0').count();
    let integer = if integer == "0" && zeros == 0 && !fraction.is_empty() { "" } else { integer };
    let mut integer = format!("{integer:0>zeros$}");
    if whole.trim_end_matches(',').contains(',') {
        let mut at = integer.len();
        while at > 3 {
            at -= 3;
            integer.insert(at, ',');
        }
    }
    if fraction.is_empty() { integer } else { format!("{integer}.{fraction}") }
}

/// A number without a format: whole ones as long as they are exact, others with at most 15 significant digits, as many as a
/// spreadsheet keeps.
pub(super) fn general(value: f64) -> String {
    /// Up to here every whole number has a place of its own; ids of 16 digits must not become one.
    const EXACT: f64 = (1_u64 << 53) as f64;
    if value == value.trunc() && value.abs() <= EXACT {
        // Zero has no sign here.
        return format!("{:.0}", value + 0.0);
    }
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// Whether numbers in the format `code` are dates though no year, month, day or time stands in it: weekdays and eras.
pub(super) fn is_moment(code: &str) -> bool {
    let sections = sections(code);
    let codes = sections.first().into_iter().flatten();
    let codes: String = codes
        .filter_map(|piece| if let Piece::Code(c) = piece { Some(c.to_ascii_lowercase()) } else { None })
        .collect();
    let mut letters = codes.chars().filter(char::is_ascii_alphabetic);
    !codes.contains(['0', '#', '?', '@'])
        && letters.all(|c| "aeg".contains(c))
        && (codes.contains("aaa") || codes.contains('e'))
}

/// A moment in the format `code`; `days` is the same as a number of days, for hours beyond 24.
pub(super) fn moment(moment: Moment, days: f64, code: &str) -> String {
    let code = match code {
        // What a Japanese Excel shows for the date formats that follow the system's.
        "" | "General" | "mm-dd-yy" => "yyyy/m/d",
        "m/d/yy h:mm" => "yyyy/m/d h:mm",
        code => code,
    };
    let sections = sections(code);
    let Some(section) = sections.first() else { return String::new() };
    let (year, month, day, hour, minute, second, milli) = moment;
    let era = era(year, month, day);
    let has_noon = code.to_ascii_uppercase().contains("AM/PM") || code.to_ascii_uppercase().contains("A/P");
    let shown_hour = if has_noon { (u16::from(hour) + 11) % 12 + 1 } else { u16::from(hour) };
    let elapsed = |unit: f64| (days * unit + 1e-9).floor();
    let tokens = tokens(section);
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let pad = |value: u16, width: usize| format!("{value:0>width$}");
        let (letter, count) = match token {
            Token::Letters(letter, count) => (*letter, *count),
            Token::Text(text) => {
                out.push_str(text);
                continue;
            }
            Token::Fraction(digits) => {
                out.push('.');
                out.extend(format!("{milli:03}").chars().chain(std::iter::repeat('0')).take(*digits));
                continue;
            }
        };
        let is_two = if count > 1 { 2 } else { 1 };
        out.push_str(&match letter {
            'y' if count > 2 => pad(year, 4),
            'y' => pad(year % 100, 2),
            'e' => pad(era.year, is_two),
            'g' => match count {
                1 => era.letter.to_owned(),
                2 => era.name.chars().take(1).collect(),
                _ => era.name.to_owned(),
            },
            'm' if is_minute(&tokens, at) => pad(minute.into(), is_two),
            'm' if count == 3 => MONTHS[usize::from(month.clamp(1, 12)) - 1][..3].to_owned(),
            'm' if count > 3 => MONTHS[usize::from(month.clamp(1, 12)) - 1].to_owned(),
            'm' => pad(month.into(), is_two),
            'd' if count == 3 => DAYS[weekday(year, month, day)][..3].to_owned(),
            'd' if count > 3 => DAYS[weekday(year, month, day)].to_owned(),
            'd' => pad(day.into(), is_two),
            'a' => {
                let name = YOUBI[weekday(year, month, day)];
                if count > 3 { format!("{name}曜日") } else { name.to_owned() }
            }
            'h' => pad(shown_hour, is_two),
            's' => pad(second.into(), is_two),
            'H' => format!("{}", elapsed(24.0)),
            'M' => format!("{}", elapsed(1440.0)),
            'S' => format!("{}", elapsed(86400.0)),
            'P' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            _ => String::new(),
        });
    }
    out.trim().to_owned()
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const YOUBI: [&str; 7] = ["日", "月", "火", "水", "木", "金", "土"];

/// A Japanese era, and the year in it.
struct Era {
    name: &'static str,
    letter: &'static str,
    year: u16,
}

fn era(year: u16, month: u8, day: u8) -> Era {
    const ERAS: [((u16, u8, u8), &str, &str); 5] = [
        ((2019, 5, 1), "令和", "R"),
        ((1989, 1, 8), "平成", "H"),
        ((1926, 12, 25), "昭和", "S"),
        ((1912, 7, 30), "大正", "T"),
        ((1868, 1, 25), "明治", "M"),
    ];
    let found = ERAS.iter().find(|(start, ..)| (year, month, day) >= *start);
    found.map_or(Era { name: "", letter: "", year }, |&((first, ..), name, letter)| Era {
        name,
        letter,
        year: year - first + 1,
    })
}

/// Day of the week from 0, Sunday (Sakamoto's method).
fn weekday(year: u16, month: u8, day: u8) -> usize {
    const OFFSETS: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = usize::from(year) - usize::from(month < 3);
    (year + year / 4 - year / 100
        + year / 400
        + OFFSETS[usize::from(month.clamp(1, 12)) - 1]
        + usize::from(day))
        % 7
}

/// A piece of a format: a character that means something, or text that is shown.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Code(char),
    Text(String),
    /// Hours, minutes or seconds that go on beyond a day.
    Elapsed(char),
    /// The section is for numbers that compare so with this one.
    When(String, f64),
}

impl Piece {
    fn placeholder(&self) -> Option<char> {
        match self {
            Piece::Code(c) if "0#.,".contains(*c) => Some(*c),
            _ => None,
        }
    }
}

fn texts(section: &[Piece]) -> String {
    section.iter().map(|piece| if let Piece::Text(text) = piece { text.as_str() } else { "" }).collect()
}

/// The sections of a format, which `;` separates, each in pieces.
fn sections(code: &str) -> Vec<Vec<Piece>> {
    let mut sections = vec![Vec::new()];
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        let section = sections.last_mut().expect("there is a first section");
        match c {
            ';' => sections.push(Vec::new()),
            '"' => section.push(Piece::Text(chars.by_ref().take_while(|&c| c != '"').collect())),
            '\\' | '!' => section.extend(chars.next().map(|c| Piece::Text(c.to_string()))),
            // A blank as wide as the next character; the next character, repeated.
            '_' | '*' => drop(chars.next()),
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                if let Some(condition) = condition(&inside) {
                    section.push(condition);
                    continue;
                }
                match inside.to_ascii_lowercase().as_str() {
                    "h" | "hh" => section.push(Piece::Elapsed('H')),
                    "m" | "mm" => section.push(Piece::Elapsed('M')),
                    "s" | "ss" => section.push(Piece::Elapsed('S')),
                    // A currency and a country: [$¥-411].
                    _ => {
                        let sign = inside.strip_prefix('$').and_then(|rest| rest.split('-').next());
                        section.extend(sign.filter(|s| !s.is_empty()).map(|s| Piece::Text(s.to_owned())));
                    }
                }
            }
            '年' | '月' | '日' | '時' | '分' | '秒' | '¥' | '￥' | '$' | '円' => {
                section.push(Piece::Text(c.to_string()));
            }
            c => section.push(Piece::Code(c)),
        }
    }
    sections
}

/// `>=100`, as it stands in brackets.
fn condition(inside: &str) -> Option<Piece> {
    let limit = inside.trim_start_matches(['<', '>', '=']);
    let sign = &inside[..inside.len() - limit.len()];
    (!sign.is_empty()).then_some(())?;
    Some(Piece::When(sign.to_owned(), limit.trim().parse().ok()?))
}

/// A run of the same letter, text, or digits of a second's fraction. Capitals are elapsed hours, minutes and seconds, and `P` is AM or PM.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Letters(char, usize),
    Text(String),
    Fraction(usize),
}

fn tokens(section: &[Piece]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(piece) = section.get(at) {
        let noon: String = section[at..]
            .iter()
            .take(5)
            .map(|piece| if let Piece::Code(c) = piece { c.to_ascii_uppercase() } else { ' ' })
            .collect();
        at += 1;
        let token = match piece {
            Piece::Text(text) => Token::Text(text.clone()),
            Piece::Code(_) if noon == "AM/PM" => {
                at += 4;
                Token::Letters('P', 1)
            }
            Piece::Elapsed(c) => Token::Letters(*c, 1),
            Piece::When(..) => continue,
            Piece::Code('.') if section.get(at) == Some(&Piece::Code('0')) => {
                let digits = section[at..].iter().take_while(|piece| **piece == Piece::Code('0')).count();
                at += digits;
                Token::Fraction(digits)
            }
            Piece::Code(c) if is_date_letter(*c) => Token::Letters(c.to_ascii_lowercase(), 1),
            Piece::Code(c) if "@#".contains(*c) => continue,
            Piece::Code(c) => Token::Text(c.to_string()),
        };
        match (tokens.last_mut(), token) {
            (Some(Token::Letters(last, count)), Token::Letters(letter, 1)) if *last == letter => *count += 1,
            (_, token) => tokens.push(token),
        }
    }
    tokens
}

fn is_date_letter(c: char) -> bool {
    "ymdhsaegYMDHSAEG".contains(c)
}

/// Whether the `m` at `at` is a minute: after an hour or before a second.
fn is_minute(tokens: &[Token], at: usize) -> bool {
    let letter = |token: &Token| if let Token::Letters(letter, _) = token { Some(*letter) } else { None };
    let before = tokens[..at].iter().rev().find_map(letter);
    let after = tokens[at + 1..].iter().find_map(letter);
    matches!(before, Some('h' | 'H')) || matches!(after, Some('s' | 'S'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_their_format_says() {
        for (value, code, shown) in [
            (12.0, "General", "12"),
            (12.5, "General", "12.5"),
            (0.1 + 0.2, "General", "0.3"),
            (-0.0, "General", "0"),
            (1234567890123.0, "General", "1234567890123"),
            (12.0, "00000", "00012"),
            (1234567.8, "#,##0", "1,234,568"),
            (-1234.0, "#,##0;[Red]-#,##0", "-1,234"),
            (-5.0, "#,##0_);(#,##0)", "(5)"),
            (3.0, "0.00", "3.00"),
            (2.75, "0.0##", "2.75"),
            (0.5, "#.#", ".5"),
            (0.125, "0%", "13%"),
            (0.5, "0", "1"),
            (2.25, "0.0", "2.3"),
            (1.005, "0.00", "1.01"),
            (-2.5, "0", "-3"),
            (9.995, "0.00", "10.00"),
            (0.0004, "0.00", "0.00"),
            (1e20, "0.0", "100000000000000000000.0"),
            (f64::INFINITY, "0", "inf"),
            (1234567.0, "#,##0.0,", "1,234.6"),
            (1234567.0, "#,##0,\"千円\"", "1,235千円"),
            (150.0, "[>100]\"多い\";\"少ない\"", "多い"),
            (50.0, "[>100]\"多い\";\"少ない\"", "少ない"),
            (3.0, "[<1]\"低\";[<=3]0\"（中）\";\"高\"", "3（中）"),
            (-4.0, "[=1]\"はい\";[<>0]0;\"いいえ\"", "-4"),
            (9007199254740991.0, "General", "9007199254740991"),
            (1234567890123456.0, "General", "1234567890123456"),
            (0.125, "0.0%", "12.5%"),
            (3.0, "0\"件\"", "3件"),
            (1500.0, "\"¥\"#,##0", "¥1,500"),
            (1500.0, "[$¥-411]#,##0", "¥1,500"),
            (0.0, "0;-0;\"なし\"", "なし"),
            (-0.001, "0.0", "0.0"),
            (1.5, "# ?/?", "1.5"),
            (12345.0, "0.00E+00", "12345"),
            (7.0, "@", "7"),
        ] {
            assert_eq!(number(value, code), shown, "{value} as {code}");
        }
    }

    #[test]
    fn moments_look_as_their_format_says() {
        let at = (2024, 4, 1, 13, 5, 9, 250);
        for (code, shown) in [
            ("General", "2024/4/1"),
            ("mm-dd-yy", "2024/4/1"),
            ("m/d/yy h:mm", "2024/4/1 13:05"),
            ("yyyy-mm-dd", "2024-04-01"),
            ("YYYY/MM/DD HH:MM:SS", "2024/04/01 13:05:09"),
            ("yyyy\"年\"m\"月\"d\"日\"", "2024年4月1日"),
            ("yyyy\\-mm\\-dd;@", "2024-04-01"),
            ("[$-411]ggge\"年\"m\"月\"d\"日\";@", "令和6年4月1日"),
            ("[$-411]ge.m.d;@", "R6.4.1"),
            ("m月d日(aaa)", "4月1日(月)"),
            ("aaaa", "月曜日"),
            ("h:mm AM/PM", "1:05 PM"),
            ("h:mm:ss", "13:05:09"),
            ("mm:ss", "05:09"),
            ("h:mm:ss.00", "13:05:09.25"),
            ("ss.000", "09.250"),
            ("m.d.", "4.1."),
            ("d-mmm-yy", "1-Apr-24"),
        ] {
            assert_eq!(moment(at, 45383.5, code), shown, "{code}");
        }
        assert_eq!(moment((1900, 1, 1, 2, 30, 0, 0), 1.104_166_666_666_666_7, "[h]:mm"), "26:30");
        for (code, is_date) in [
            ("aaa", true),
            ("[$-411]aaaa;@", true),
            ("ggge\"年\"", true),
            ("General", false),
            ("G/標準", false),
            ("0.00E+00", false),
            ("0", false),
            ("@", false),
        ] {
            assert_eq!(is_moment(code), is_date, "{code}");
        }
        assert_eq!(moment((1989, 1, 7, 0, 0, 0, 0), 0.0, "ggge"), "昭和64");
    }
}
