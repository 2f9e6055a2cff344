//! Filters that several resource types share.

use strum::VariantNames;

use crate::jsonapi::resource_type::{Filter, FilterType};
use crate::kernel::page::Status;

/// For resources that are removed and never deleted.
pub const STATUS: Filter = Filter::new(
    "status",
    FilterType::OneOf(<Status as VariantNames>::VARIANTS),
    "Only live resources (the default), only removed ones, or both.",
);

/// `filter[q]`; the argument says which fields it searches.
macro_rules! search {
    ($fields:literal) => {
        $crate::jsonapi::resource_type::Filter {
            name: "q",
            accepts: $crate::jsonapi::resource_type::FilterType::Text,
            about: concat!(
                $fields,
                " A word of two letters matches only the beginning of a word, and a number of up to two digits before \
                 another word matches only a whole word."
            ),
        }
    };
}
pub(crate) use search;
