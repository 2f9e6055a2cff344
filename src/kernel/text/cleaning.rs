//! Unicode normalization: texts that look the same become equal.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{BidiClass, DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The form in which a text is stored and compared: composed (NFC), trimmed, with every kind of space as a plain one,
/// and without invisible characters. The result is empty if nothing of the text is visible.
///
/// Joiners and variation selectors stay after a letter or sign of a script that uses them (Persian, the scripts of
/// India, emoji); after European letters and ASCII they have no effect. Direction marks are dropped, because pages
/// isolate names (see [`isolated`]).
pub fn cleaned(text: &str) -> String {
    // ASCII text is composed and visible.
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        if is_space(c) {
            kept.push(' ');
        } else if is_blank(c) || !is_unseen(c) || (is_shaping(c) && allows_shaping(&kept)) {
            kept.push(c);
        }
    }
    composed(kept.trim_matches(is_blank).trim_end_matches(is_joiner)).into_owned()
}

/// Does the last letter or sign of this text belong to a script in which shaping characters have an effect? Marks are
/// skipped, because they belong to the letter before them and to no script.
fn allows_shaping(kept: &str) -> bool {
    let scripts = CodePointMapData::<Script>::new();
    let mut nearest = kept.chars().rev().take(MARKS_MAX);
    let carrier = nearest.find(|&c| scripts.get(c) != Script::Inherited);
    carrier.is_some_and(|carrier| {
        !carrier.is_ascii() && !is_blank(carrier) && !UNSHAPED_SCRIPTS.contains(&scripts.get(carrier))
    })
}

/// No letter has more marks. The limit keeps a text that consists of marks from taking quadratic time.
const MARKS_MAX: usize = 16;

const UNSHAPED_SCRIPTS: [Script; 5] =
    [Script::Latin, Script::Greek, Script::Cyrillic, Script::Armenian, Script::Georgian];

fn is_space(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::SpaceSeparator
}

/// Unicode's composed form (NFC).
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Unicode's decomposed form (NFD).
pub fn decomposed(text: &str) -> Cow<'_, str> {
    DecomposingNormalizerBorrowed::new_nfd().normalize(text)
}

/// White space, and characters that look like it: the empty Braille cell and the Hangul fillers.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Is the character displayed as nothing, not even as a gap?
fn is_unseen(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || matches!(c, '\u{fff9}'..='\u{fffb}')
}

/// Does an invisible character change how its neighbors are drawn? Soft hyphens, zero-width spaces, byte-order marks
/// and direction marks do not.
const fn is_shaping(c: char) -> bool {
    !matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
    )
}

/// A joiner has no effect at the end of a text.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{200c}' | '\u{200d}')
}

/// Is it a control character, or does it end a line or paragraph?
pub fn breaks_lines(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text for use inside a left-to-right sentence. Text with right-to-left parts is put between Unicode isolates
/// (UAX #9, section 2.4.2), so that it does not reorder the text around it.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(affects_direction) {
        return Cow::Borrowed(text);
    }
    // The isolates inside the text are balanced: an unmatched end would close ours, an unmatched start would extend it.
    let (mut inner, mut open) = (String::with_capacity(text.len() + 6), 0_usize);
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open += 1,
            '\u{2069}' if open == 0 => continue,
            '\u{2069}' => open -= 1,
            _ => {}
        }
        inner.push(c);
    }
    inner.extend(std::iter::repeat_n('\u{2069}', open));
    Cow::Owned(format!("\u{2068}{inner}\u{2069}"))
}

fn affects_direction(c: char) -> bool {
    matches!(
        CodePointMapData::<BidiClass>::new().get(c),
        BidiClass::RightToLeft
            | BidiClass::ArabicLetter
            | BidiClass::ArabicNumber
            | BidiClass::LeftToRightEmbedding
            | BidiClass::LeftToRightOverride
            | BidiClass::RightToLeftEmbedding
            | BidiClass::RightToLeftOverride
            | BidiClass::PopDirectionalFormat
            | BidiClass::LeftToRightIsolate
            | BidiClass::RightToLeftIsolate
            | BidiClass::FirstStrongIsolate
            | BidiClass::PopDirectionalIsolate
    )
}

/// The form of a password that is hashed (RFC 8265 section 4.2.2, `OpaqueString`): composed, with every kind of space
/// as a plain one.
pub fn normalized_password(password: &str) -> String {
    let spaced: String = password.chars().map(|c| if is_space(c) { ' ' } else { c }).collect();
    composed(&spaced).into_owned()
}

/// Is the character disallowed in a password (RFC 8264 section 4.3.3): a control character, one that Unicode does not
/// assign, or an invisible one? Joiners are allowed (section 4.3.2).
pub fn is_forbidden_in_password(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, GeneralCategory::Control | GeneralCategory::Unassigned)
        || (is_unseen(c) && !matches!(c, '\u{200c}' | '\u{200d}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_the_same_become_equal() {
        for (typed, expected) in [
            ("J\u{e4}ger", "J\u{e4}ger"),
            ("Ja\u{308}ger", "J\u{e4}ger"),
            ("\u{feff}ws-1\u{200b}", "ws-1"),
            ("w\u{ad}s\u{2060}-\u{200d}1\u{fe0f}", "ws-1"),
            ("\u{202a}Acme\u{202c}", "Acme"),
            ("\u{202e}emcA", "emcA"),
            ("\u{a0}\u{3000}Acme SAS\u{2003}\t", "Acme SAS"),
            ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
            ("J\u{e4}\u{200d}ger", "J\u{e4}ger"),
            ("Ja\u{308}\u{200c}ger", "J\u{e4}ger"),
            ("J\u{e4}\u{34f}\u{115f}\u{180e}\u{e0041}ger", "J\u{e4}ger"),
            ("Z\u{308}\u{200d}x", "Z\u{308}x"),
            ("Caf\u{e9}\u{fe0f}", "Caf\u{e9}"),
            (
                "\u{41c}\u{43e}\u{441}\u{200d}\u{43a}\u{432}\u{430}",
                "\u{41c}\u{43e}\u{441}\u{43a}\u{432}\u{430}",
            ),
            ("ws\u{a0}1", "ws 1"),
            ("ws\u{202f}1\u{2003}2\u{3000}3", "ws 1 2 3"),
        ] {
            assert_eq!(cleaned(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn shaping_characters_stay_where_they_matter() {
        for text in [
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{2764}\u{fe0f}",
            // After a vowel sign.
            "\u{645}\u{650}\u{200c}\u{645}",
            "\u{915}\u{94d}\u{200d}\u{937}",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn invisible_text_becomes_empty() {
        for text in
            ["", " ", "\u{200b}", "\u{200d}\u{fe0f}", "\u{2800}", "\u{3164}", "\u{feff}\u{a0}\u{200e}"]
        {
            assert_eq!(cleaned(text), "", "{text:?}");
        }
    }

    #[test]
    fn only_text_that_affects_direction_is_isolated() {
        assert_eq!(isolated("Acme"), "Acme");
        assert_eq!(isolated("J\u{e4}ger \u{2764} \u{6771}\u{4eac}"), "J\u{e4}ger \u{2764} \u{6771}\u{4eac}");
        assert_eq!(isolated("\u{5d0}\u{5d1} (1)"), "\u{2068}\u{5d0}\u{5d1} (1)\u{2069}");
        // An unmatched end of an isolate is dropped.
        assert_eq!(isolated("a\u{2069}\u{202e}b"), "\u{2068}a\u{202e}b\u{2069}");
        assert_eq!(isolated("a\u{2067}b"), "\u{2068}a\u{2067}b\u{2069}\u{2069}");
        let both = format!("{} in {}", isolated("\u{5d0}"), isolated("\u{5d1}"));
        assert_eq!(isolated(&both), format!("\u{2068}{both}\u{2069}"));
    }

    #[test]
    fn password_is_composed_with_plain_spaces_only() {
        assert_eq!(normalized_password("Pa\u{308}ss\u{a0}WORT\u{3000}\u{ff21}"), "P\u{e4}ss WORT \u{ff21}");
    }
}
