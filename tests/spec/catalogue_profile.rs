//! The cursor-pagination profile.

use super::catalogue::Proof::{NotApplicable, Test};
use super::catalogue::Source::CursorPagination;
use super::catalogue::{Section, must, should};

const RANGES: &str = "Ranges are not supported, and refused as the profile says.";
const NO_ESTIMATE: &str = "What is told is the exact total, and only to those who ask for it.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: CursorPagination,
        name: "Concepts / Sorting Requirement",
        statements: &[
            must(
                "an order that leaves ties is made unique",
                Test("an_order_that_leaves_ties_is_made_unique"),
            ),
            must("what has no order is given one", Test("linkage_has_an_order_too")),
            must(
                "an order that cannot be paged is refused as the profile says",
                Test("an_order_that_is_not_offered_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / page[size]",
        statements: &[
            must("a size is a positive whole number", Test("a_page_size_is_a_positive_decimal_number")),
            must(
                "any other is refused as the profile says",
                Test("a_page_size_is_a_positive_decimal_number"),
            ),
            must(
                "one over the maximum is refused as the profile says",
                Test("a_page_size_over_the_maximum_is_the_profiles_error"),
            ),
            must(
                "without a size there is one by default",
                Test("a_page_has_as_many_items_as_were_asked_for_or_twenty"),
            ),
            must(
                "which is from 1 to the maximum",
                Test("a_page_has_as_many_items_as_were_asked_for_or_twenty"),
            ),
            must(
                "a page has as many items as that, where there are so many",
                Test("a_page_has_as_many_items_as_were_asked_for_or_twenty"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / page[after] and page[before]",
        statements: &[
            must(
                "a cursor that is none is refused as the profile says",
                Test("a_cursor_that_is_none_is_400"),
            ),
            must(
                "the first item of a page is the one right after the cursor",
                Test("after_a_cursor_comes_the_very_next_item"),
            ),
            must("with none after it, the page is empty", Test("after_a_cursor_comes_the_very_next_item")),
            must(
                "the last item of a page is the one closest before the cursor",
                Test("before_a_cursor_comes_the_item_closest_to_it"),
            ),
            must(
                "with none before it, the page is empty",
                Test("before_a_cursor_comes_the_item_closest_to_it"),
            ),
            must(
                "without a cursor the page begins with the first item",
                Test("without_a_cursor_a_page_is_the_first"),
            ),
            must("of an empty list, the page is empty", Test("without_a_cursor_a_page_is_the_first")),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / Combining page[after] and page[before]",
        statements: &[
            must(
                "a range that is not supported is refused as the profile says",
                Test("a_range_is_the_profiles_error"),
            ),
            must("the size of a range is the maximum by default", NotApplicable(RANGES)),
            must(
                "a range with more results than its size is what it would be without its end",
                NotApplicable(RANGES),
            ),
            must("and says that it is truncated", NotApplicable(RANGES)),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / page Meta Object Members",
        statements: &[must("page is an object", Test("what_is_told_of_a_page_is_an_object"))],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Item Cursors",
        statements: &[must(
            "the cursor of an item falls on it",
            NotApplicable("Items have no cursors of their own here; the links have those that one needs."),
        )],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Links",
        statements: &[
            should(
                "there are first and last where they cost little: here the first costs nothing, the last a page",
                Test("page_links_are_among_the_links_of_their_collection"),
            ),
            must(
                "there are prev and next wherever data is paged",
                Test("every_page_has_a_link_to_the_previous_and_to_the_next"),
            ),
            must(
                "without page[before], next is null exactly at the end",
                Test("the_ends_of_a_list_are_known_for_certain"),
            ),
            must(
                "without page[after], prev is null exactly at the beginning",
                Test("the_ends_of_a_list_are_known_for_certain"),
            ),
            should(
                "in other cases a link that leads nowhere is null where that costs little",
                NotApplicable(
                    "There was a row on the side that a cursor came from; whether it is still there would \
                     cost a query of its own.",
                ),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Collection Sizes",
        statements: &[
            must("an estimated total is an object", NotApplicable(NO_ESTIMATE)),
            must("its best guess is a whole number", NotApplicable(NO_ESTIMATE)),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Unsupported Sort Error",
        statements: &[
            must("it is a 400", Test("an_order_that_is_not_offered_is_the_profiles_error")),
            must(
                "its source is sort, and its type the profile's",
                Test("an_order_that_is_not_offered_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Max Page Size Exceeded Error",
        statements: &[
            must("it is a 400", Test("a_page_size_over_the_maximum_is_the_profiles_error")),
            must(
                "its source is page[size], its meta tells the maximum, and its type is the profile's",
                Test("a_page_size_over_the_maximum_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Invalid Parameter Value Error",
        statements: &[must(
            "it is a 400 whose source is the parameter",
            Test("a_cursor_that_is_none_is_400"),
        )],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Range Pagination Not Supported Error",
        statements: &[
            must("it is a 400", Test("a_range_is_the_profiles_error")),
            must("its type is the profile's", Test("a_range_is_the_profiles_error")),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Notes",
        statements: &[
            must("a size is written in digits only", Test("a_page_size_is_a_positive_decimal_number")),
            must("and read as a decimal number", Test("a_page_size_is_a_positive_decimal_number")),
        ],
    },
];
