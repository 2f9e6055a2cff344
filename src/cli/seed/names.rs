//! Names as they occur, from a library's lists of several languages.

use fake::faker::address::raw::CountryName;
use fake::faker::company::raw::{CatchPhrase, CompanyName, Industry};
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{DE_DE, EN, FR_FR, IT_IT, PT_BR};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use fake::{Dummy, Fake};

fn text<T>(faker: &T, chance: &mut StdRng) -> String
where
    String: Dummy<T>,
{
    faker.fake_with_rng(chance)
}

/// First and last name, of one language.
pub(super) fn person(chance: &mut StdRng) -> (String, String) {
    match chance.random_range(0..5_u8) {
        0 => (text(&FirstName(FR_FR), chance), text(&LastName(FR_FR), chance)),
        1 => (text(&FirstName(DE_DE), chance), text(&LastName(DE_DE), chance)),
        2 => (text(&FirstName(PT_BR), chance), text(&LastName(PT_BR), chance)),
        3 => (text(&FirstName(IT_IT), chance), text(&LastName(IT_IT), chance)),
        _ => (text(&FirstName(EN), chance), text(&LastName(EN), chance)),
    }
}

pub(super) fn workspace(chance: &mut StdRng) -> String {
    match chance.random_range(0..6_u8) {
        0 => text(&CompanyName(FR_FR), chance),
        1 => text(&CompanyName(DE_DE), chance),
        2 => text(&CompanyName(PT_BR), chance),
        3 => text(&CompanyName(IT_IT), chance),
        _ => text(&CompanyName(EN), chance),
    }
}

pub(super) fn description(chance: &mut StdRng) -> String {
    text(&CatchPhrase(EN), chance)
}

pub(super) fn color(chance: &mut StdRng) -> String {
    format!("#{:06x}", chance.random_range(0..0x0100_0000_u32))
}

/// A region and a line of business.
pub(super) fn group(chance: &mut StdRng) -> String {
    format!("{} · {}", text(&CountryName(EN), chance), text(&Industry(EN), chance))
}
