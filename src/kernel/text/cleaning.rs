//! Text that looks the same is the same text: composed, and without what cannot be seen.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{BidiClass, DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::{CodePointMapData, CodePointSetData};

/// As it is kept and compared: in Unicode's composed form (NFC), without blanks at either end and without
/// characters that only a program sees. Any space is a plain one, however wide it is and whether or not a line may end
/// there. Empty where nothing of it can be seen.
///
/// Joiners and variation selectors stay behind a letter or sign of a script that has a use for them (Persian,
/// the scripts of India, emoji). Behind the letters of Europe and behind ASCII they do nothing. Marks of direction go:
/// the page says where a name begins and ends, see [`isolated`].
pub fn cleaned(text: &str) -> String {
    // All of it can be seen, and it is composed.
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    for sign in text.chars() {
        if is_space(sign) {
            kept.push(' ');
        } else if is_blank(sign) || !is_unseen(sign) || (shapes(sign) && has_use(&kept)) {
            kept.push(sign);
        }
    }
    let trimmed = kept.trim_matches(is_blank).trim_end_matches(is_joiner);
    composed(trimmed).into_owned()
}

/// Does what shapes a script say something behind this text, by the last letter or sign in it? Marks belong to the
/// letter before them, and are of no script themselves.
fn has_use(kept: &str) -> bool {
    let scripts = CodePointMapData::<Script>::new();
    let mut nearest = kept.chars().rev().take(MARKS_MAX);
    let carrier = nearest.find(|&sign| scripts.get(sign) != Script::Inherited);
    carrier.is_some_and(|carrier| {
        !carrier.is_ascii() && !is_blank(carrier) && !OF_EUROPE.contains(&scripts.get(carrier))
    })
}

/// No letter has more marks; of a text that is made of marks alone not all is looked through for each of them.
const MARKS_MAX: usize = 16;

/// Their letters stand beside each other as they are.
const OF_EUROPE: [Script; 5] =
    [Script::Latin, Script::Greek, Script::Cyrillic, Script::Armenian, Script::Georgian];

/// A space of any width (the category Zs).
fn is_space(sign: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(sign) == GeneralCategory::SpaceSeparator
}

/// In Unicode's composed form (NFC).
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// In Unicode's decomposed form (NFD).
pub fn decomposed(text: &str) -> Cow<'_, str> {
    DecomposingNormalizerBorrowed::new_nfd().normalize(text)
}

/// White space, and what is not called so and looks no different: an empty Braille cell, the fillers of Hangul.
pub fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Shown as nothing, not even as a gap.
fn is_unseen(sign: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(sign)
        || matches!(sign, '\u{fff9}'..='\u{fffb}')
}

/// Of what is unseen: does it say how the signs around it are drawn? Not soft hyphens, zero-width spaces, byte-order
/// marks, and marks of direction.
const fn shapes(sign: char) -> bool {
    !matches!(
        sign,
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

/// Does nothing where no other sign follows.
const fn is_joiner(sign: char) -> bool {
    matches!(sign, '\u{34f}' | '\u{200c}' | '\u{200d}')
}

/// A control character, or one that ends a line or a paragraph.
pub fn breaks_lines(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// The text for the middle of a sentence that runs from left to right. Where some of it runs the other way, it stands
/// between the isolates of Unicode (UAX #9, section 2.4.2), so that nothing around it is turned with it.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(turns) {
        return Cow::Borrowed(text);
    }
    // An isolate that only ends in the text would end ours, and one that only begins would go on behind it.
    let (mut inner, mut begun) = (String::with_capacity(text.len() + 6), 0_usize);
    for sign in text.chars() {
        match sign {
            '\u{2066}'..='\u{2068}' => begun += 1,
            '\u{2069}' if begun == 0 => continue,
            '\u{2069}' => begun -= 1,
            _ => {}
        }
        inner.push(sign);
    }
    inner.extend(std::iter::repeat_n('\u{2069}', begun));
    Cow::Owned(format!("\u{2068}{inner}\u{2069}"))
}

fn turns(sign: char) -> bool {
    let class = CodePointMapData::<BidiClass>::new().get(sign);
    [
        BidiClass::RightToLeft,
        BidiClass::ArabicLetter,
        BidiClass::ArabicNumber,
        BidiClass::LeftToRightEmbedding,
        BidiClass::LeftToRightOverride,
        BidiClass::RightToLeftEmbedding,
        BidiClass::RightToLeftOverride,
        BidiClass::PopDirectionalFormat,
        BidiClass::LeftToRightIsolate,
        BidiClass::RightToLeftIsolate,
        BidiClass::FirstStrongIsolate,
        BidiClass::PopDirectionalIsolate,
    ]
    .contains(&class)
}

/// A password as it is hashed (RFC 8265 section 4.2.2, `OpaqueString`): any space of Unicode is a space, and the
/// rest is composed.
pub fn opaque(password: &str) -> String {
    let spaced: String = password.chars().map(|sign| if is_space(sign) { ' ' } else { sign }).collect();
    composed(&spaced).into_owned()
}

/// Is it none of the characters of a password (RFC 8264 section 4.3.3): a control character, one that Unicode does
/// not have, or one that is shown as nothing? Those that join others may be there (section 4.3.2).
pub fn is_no_password_character(sign: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(sign);
    let is_allowed = !is_unseen(sign) || matches!(sign, '\u{200c}' | '\u{200d}');
    matches!(category, GeneralCategory::Control | GeneralCategory::Unassigned) || !is_allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
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
    fn what_shapes_a_script_stays() {
        for text in [
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{2764}\u{fe0f}",
            // Behind a vowel sign.
            "\u{645}\u{650}\u{200c}\u{645}",
            "\u{915}\u{94d}\u{200d}\u{937}",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn nothing_that_can_be_seen_is_nothing() {
        for text in
            ["", " ", "\u{200b}", "\u{200d}\u{fe0f}", "\u{2800}", "\u{3164}", "\u{feff}\u{a0}\u{200e}"]
        {
            assert_eq!(cleaned(text), "", "{text:?}");
        }
    }

    #[test]
    fn only_what_may_turn_a_sentence_is_isolated() {
        assert_eq!(isolated("Acme"), "Acme");
        assert_eq!(isolated("J\u{e4}ger \u{2764} \u{6771}\u{4eac}"), "J\u{e4}ger \u{2764} \u{6771}\u{4eac}");
        assert_eq!(isolated("\u{5d0}\u{5d1} (1)"), "\u{2068}\u{5d0}\u{5d1} (1)\u{2069}");
        // A name of older systems that would break out.
        assert_eq!(isolated("a\u{2069}\u{202e}b"), "\u{2068}a\u{202e}b\u{2069}");
        assert_eq!(isolated("a\u{2067}b"), "\u{2068}a\u{2067}b\u{2069}\u{2069}");
        let both = format!("{} in {}", isolated("\u{5d0}"), isolated("\u{5d1}"));
        assert_eq!(isolated(&both), format!("\u{2068}{both}\u{2069}"));
    }

    #[test]
    fn a_password_is_spaced_and_composed_and_nothing_else() {
        assert_eq!(opaque("Pa\u{308}ss\u{a0}WORT\u{3000}\u{ff21}"), "P\u{e4}ss WORT \u{ff21}");
    }
}
