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

/// `filter[q]` of enrollments and of their events, which are found by their workspace and their group.
pub const SEARCH: Filter = Filter::new(
    "q",
    FilterType::Search,
    "The name or external id of the workspace, or the name of the group, contains each word of this text, in any order and \
     regardless of accents and case, or the id of one of the two begins with it. With filter[workspace_group] only workspaces \
     are searched, with filter[workspace] only groups, and with both either. Without the two, a text that more than 100 \
     workspaces or groups match is refused with 400, and so is one that many workspaces match, but hardly any in the filtered group or by the filtered person, \
     but very many workspaces elsewhere: send a longer text or another filter. A word of two letters matches only the \
     beginning of a word, and a number of up to two digits before another word matches only a whole word.",
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
