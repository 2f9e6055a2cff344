//! The cursor-pagination profile.

use super::catalogue::Proof::{NotApplicable, Test};
use super::catalogue::Source::CursorPagination;
use super::catalogue::{Section, must, should};

const RANGES: &str = "Ranges are unsupported and refused as the profile requires.";
const NO_ESTIMATE: &str = "We return the exact total, and only on request.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: CursorPagination,
        name: "Concepts / Sorting Requirement",
        statements: &[
            must("an ambiguous order is made unique", Test("ambiguous_orders_are_made_unique")),
            must("unordered data gets an order", Test("linkage_is_ordered")),
            must(
                "an order that cannot be paginated is refused as the profile requires",
                Test("unsupported_sort_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / page[size]",
        statements: &[
            must("a page size is a positive integer", Test("page_size_is_a_positive_decimal_number")),
            must(
                "an invalid page size is refused as the profile requires",
                Test("page_size_is_a_positive_decimal_number"),
            ),
            must(
                "a page size over the maximum is refused as the profile requires",
                Test("page_size_over_the_maximum_is_the_profiles_error"),
            ),
            must("there is a default page size", Test("page_size_is_as_requested_or_twenty")),
            must(
                "the default page size is between 1 and the maximum",
                Test("page_size_is_as_requested_or_twenty"),
            ),
            must(
                "a page has as many items as its size, if there are enough",
                Test("page_size_is_as_requested_or_twenty"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / page[after] and page[before]",
        statements: &[
            must("an invalid cursor is refused as the profile requires", Test("invalid_cursors_are_400")),
            must(
                "the first item of a page is the one right after the cursor",
                Test("page_after_a_cursor_begins_with_the_next_item"),
            ),
            must(
                "the page is empty if there is no item after the cursor",
                Test("page_after_a_cursor_begins_with_the_next_item"),
            ),
            must(
                "the last item of a page is the one right before the cursor",
                Test("page_before_a_cursor_ends_with_the_item_before_it"),
            ),
            must(
                "the page is empty if there is no item before the cursor",
                Test("page_before_a_cursor_ends_with_the_item_before_it"),
            ),
            must(
                "a page without a cursor begins with the first item",
                Test("page_without_a_cursor_is_the_first"),
            ),
            must("a page of an empty list is empty", Test("page_without_a_cursor_is_the_first")),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Query Parameters / Combining page[after] and page[before]",
        statements: &[
            must(
                "an unsupported range is refused as the profile requires",
                Test("range_pagination_is_the_profiles_error"),
            ),
            must("the default size of a range is the maximum", NotApplicable(RANGES)),
            must("a range with more results than its size is truncated", NotApplicable(RANGES)),
            must("a truncated range says so", NotApplicable(RANGES)),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / page Meta Object Members",
        statements: &[must("page is an object", Test("page_meta_is_an_object"))],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Item Cursors",
        statements: &[must(
            "the cursor of an item is at its position",
            NotApplicable("Items have no cursors; the links contain those that are needed."),
        )],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Links",
        statements: &[
            should(
                "first and last exist if they are cheap: first costs nothing here, and last would cost a page",
                Test("page_links_are_links_of_their_collection"),
            ),
            must("paginated data has prev and next links", Test("pages_have_prev_and_next_links")),
            must(
                "without page[before], next is null exactly on the last page",
                Test("first_and_last_page_have_null_links"),
            ),
            must(
                "without page[after], prev is null exactly on the first page",
                Test("first_and_last_page_have_null_links"),
            ),
            should(
                "in other cases a link to an empty page is null if that is cheap",
                NotApplicable(
                    "There was a row on the side of the cursor; checking whether it still exists would \
                     cost another query.",
                ),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Document Structure / Collection Sizes",
        statements: &[
            must("an estimated total is an object", NotApplicable(NO_ESTIMATE)),
            must("the best guess of a total is an integer", NotApplicable(NO_ESTIMATE)),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Unsupported Sort Error",
        statements: &[
            must("the status is 400", Test("unsupported_sort_is_the_profiles_error")),
            must(
                "the source is sort, and the type is that of the profile",
                Test("unsupported_sort_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Max Page Size Exceeded Error",
        statements: &[
            must("the status is 400", Test("page_size_over_the_maximum_is_the_profiles_error")),
            must(
                "the source is page[size], meta has the maximum, and the type is that of the profile",
                Test("page_size_over_the_maximum_is_the_profiles_error"),
            ),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Invalid Parameter Value Error",
        statements: &[must(
            "the status is 400, and the source is the parameter",
            Test("invalid_cursors_are_400"),
        )],
    },
    Section {
        source: CursorPagination,
        name: "Error Cases / Range Pagination Not Supported Error",
        statements: &[
            must("the status is 400", Test("range_pagination_is_the_profiles_error")),
            must("the type is that of the profile", Test("range_pagination_is_the_profiles_error")),
        ],
    },
    Section {
        source: CursorPagination,
        name: "Notes",
        statements: &[
            must("a page size consists of digits", Test("page_size_is_a_positive_decimal_number")),
            must("a page size is parsed as a decimal number", Test("page_size_is_a_positive_decimal_number")),
        ],
    },
];
