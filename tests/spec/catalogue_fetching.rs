//! JSON:API 1.1: fetching data, and query parameters.

use super::catalogue::Proof::{NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const NO_PARAMETERS: &str = "The extension that we apply has no query parameters, and we define none.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Fetching Data / Fetching Resources",
        statements: &[
            must("the self link of a document can be fetched", Test("links_can_be_followed")),
            must("the self link of a resource can be fetched", Test("links_can_be_followed")),
            must("the related link of a relationship can be fetched", Test("links_can_be_followed")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Resources / Responses",
        statements: &[
            must("200 for a fetched resource", Test("single_resource_returns_200_with_it_or_null")),
            must("200 for a fetched collection", Test("collection_returns_200_with_an_array")),
            must(
                "a collection is an array of resources or an empty array",
                Test("collection_returns_200_with_an_array"),
            ),
            must(
                "a single resource is an object or null",
                Test("single_resource_returns_200_with_it_or_null"),
            ),
            must("404 for a single resource that does not exist", Test("unknown_resource_is_404")),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Relationships",
        statements: &[must(
            "the self link of a relationship can be fetched",
            Test("relationship_links_return_200_with_linkage"),
        )],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Relationships / Responses",
        statements: &[
            must("200 for a fetched relationship", Test("relationship_links_return_200_with_linkage")),
            must(
                "the primary data of a relationship is its linkage",
                Test("relationship_links_return_200_with_linkage"),
            ),
            must("404 for an unknown relationship", Test("unknown_relationship_is_404")),
            must("200 for an empty relationship", Test("empty_relationship_returns_200")),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Inclusion of Related Resources",
        statements: &[
            must("400 for include where it is unsupported", Test("include_is_refused_where_unsupported")),
            must(
                "included is present if it was requested, even if it is empty",
                Test("included_is_present_even_when_empty"),
            ),
            must("only requested resources are included", Test("only_requested_resources_are_included")),
            must(
                "include is a comma-separated list of paths with dots between their steps",
                Test("include_paths_use_commas_and_dots"),
            ),
            must("400 for an unknown or unsupported path", Test("unknown_include_path_is_400")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Sparse Fieldsets",
        statements: &[
            must(
                "fields is a comma-separated list of names",
                Test("fields_are_comma_separated_names_or_empty"),
            ),
            must("primary data of the type has no other fields", Test("only_requested_fields_are_returned")),
            must(
                "included resources of the type have no other fields",
                Test("included_resources_have_their_own_fields"),
            ),
            must("the same holds for responses to changes", Test("fields_apply_to_responses_of_changes")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Sorting",
        statements: &[
            must("sort is a list of sort fields", Test("unsupported_sort_is_400")),
            should("sort fields apply in their order", Test("sort_keys_apply_in_order")),
            must(
                "a sort field without a minus is ascending",
                Test("sort_is_ascending_unless_prefixed_with_minus"),
            ),
            must(
                "a sort field with a minus is descending",
                Test("sort_is_ascending_unless_prefixed_with_minus"),
            ),
            must("400 for an unsupported sort field", Test("unsupported_sort_is_400")),
            must("primary data is in the requested order", Test("primary_data_is_in_the_requested_order")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Pagination",
        statements: &[
            must(
                "page links are in the links of their collection",
                Test("page_links_are_links_of_their_collection"),
            ),
            must(
                "page links are called first, last, prev and next",
                Test("page_links_are_links_of_their_collection"),
            ),
            must("an unavailable link is absent or null", Test("missing_pages_have_null_links")),
            must("next and prev follow the requested order", Test("pages_follow_the_requested_order")),
            should("pages are selected by the page family", Test("only_the_page_family_selects_pages")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Filtering",
        statements: &[should(
            "results are filtered by the filter family",
            Test("only_the_filter_family_filters"),
        )],
    },
    Section {
        source: Format,
        name: "Query Parameters / Extension-Specific Query Parameters",
        statements: &[
            must(
                "the base name of an extension's parameter begins with its namespace and a colon",
                NotApplicable(NO_PARAMETERS),
            ),
            must("the rest of the name has only letters from a to z", NotApplicable(NO_PARAMETERS)),
        ],
    },
    Section {
        source: Format,
        name: "Query Parameters / Implementation-Specific Query Parameters",
        statements: &[
            must(
                "the base name of our own parameter is a legal member name with a character other than a to z",
                NotApplicable(NO_PARAMETERS),
            ),
            should("that character is a capital letter", NotApplicable(NO_PARAMETERS)),
            must(
                "400 for an unknown parameter or one with an illegal name",
                Test("unknown_parameters_are_400"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Appendix / Query Parameters Details",
        statements: &[
            must("parameters are parsed as form data", Test("parameters_are_read_as_form_data")),
            must("parameters are serialized as form data", Test("parameters_are_written_as_form_data")),
            should("square brackets may be unencoded", Test("square_brackets_may_be_encoded")),
            must("unencoded square brackets mean the same", Test("square_brackets_may_be_encoded")),
        ],
    },
];
