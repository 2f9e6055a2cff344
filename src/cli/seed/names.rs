//! Realistic names in several languages, from the lists of a library.

use fake::faker::company::raw::CompanyName;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{DE_DE, Data, EN, FR_FR, IT_IT, PT_BR};
use fake::rand::RngExt;
use fake::rand::rngs::StdRng;
use fake::{Dummy, Fake};

pub(super) fn text<T>(faker: &T, rng: &mut StdRng) -> String
where
    String: Dummy<T>,
{
    faker.fake_with_rng(rng)
}

pub(super) fn person(rng: &mut StdRng) -> (String, String) {
    fn names(locale: impl Data + Copy, rng: &mut StdRng) -> (String, String) {
        (text(&FirstName(locale), rng), text(&LastName(locale), rng))
    }
    match rng.random_range(0..5_u8) {
        0 => names(FR_FR, rng),
        1 => names(DE_DE, rng),
        2 => names(PT_BR, rng),
        3 => names(IT_IT, rng),
        _ => names(EN, rng),
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
