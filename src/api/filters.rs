//! Filters that several nouns have, and that mean the same on each.

use crate::jsonapi::resource_type::{Filter, FilterForm};
use crate::kernel::page::Status;

/// Of nouns whose rows are removed and never deleted.
pub const STATUS: Filter = Filter {
    name: "status",
    form: FilterForm::ShortText(&Status::WORDS),
    about: "Live ones (the default), removed ones, or both.",
};

/// Of nouns with a name.
pub const NAME: Filter = Filter {
    name: "q",
    form: FilterForm::Text,
    about: "The name holds each word of this, in any order, whatever accents and case; or the id begins with it. A word \
            of two letters is looked for where words begin, and a number of up to two digits before another word is \
            meant whole.",
};
