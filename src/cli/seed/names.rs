//! Realistic names in several languages, from the lists of a library.

use fake::faker::address::raw::CountryName;
use fake::faker::company::raw::{CatchPhrase, CompanyName, Industry};
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{DE_DE, EN, FR_FR, IT_IT, PT_BR};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use fake::{Dummy, Fake};

fn text<T>(faker: &T, rng: &mut StdRng) -> String
where
    String: Dummy<T>,
{
    faker.fake_with_rng(rng)
}

/// A first and a last name in one language.
pub(super) fn person(rng: &mut StdRng) -> (String, String) {
    match rng.random_range(0..5_u8) {
        0 => (text(&FirstName(FR_FR), rng), text(&LastName(FR_FR), rng)),
        1 => (text(&FirstName(DE_DE), rng), text(&LastName(DE_DE), rng)),
        2 => (text(&FirstName(PT_BR), rng), text(&LastName(PT_BR), rng)),
        3 => (text(&FirstName(IT_IT), rng), text(&LastName(IT_IT), rng)),
        _ => (text(&FirstName(EN), rng), text(&LastName(EN), rng)),
    }
}

pub(super) fn workspace(rng: &mut StdRng) -> String {
    match rng.random_range(0..6_u8) {
        0 => text(&CompanyName(FR_FR), rng),
        1 => text(&CompanyName(DE_DE), rng),
        2 => text(&CompanyName(PT_BR), rng),
        3 => text(&CompanyName(IT_IT), rng),
        _ => text(&CompanyName(EN), rng),
    }
}

pub(super) fn description(rng: &mut StdRng) -> String {
    text(&CatchPhrase(EN), rng)
}

pub(super) fn color(rng: &mut StdRng) -> String {
    format!("#{:06x}", rng.random_range(0..0x0100_0000_u32))
}

/// A country and an industry.
pub(super) fn group(rng: &mut StdRng) -> String {
    format!("{} · {}", text(&CountryName(EN), rng), text(&Industry(EN), rng))
}
