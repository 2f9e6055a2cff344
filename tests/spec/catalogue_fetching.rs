//! JSON:API 1.1: fetching data, and query parameters.

use super::catalogue::Proof::{NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const NO_PARAMETERS: &str =
    "The extension that we apply has no query parameters, and we have none of our own.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Fetching Data / Fetching Resources",
        statements: &[
            must("self of a document can be fetched", Test("every_link_that_is_given_can_be_followed")),
            must("self of a resource can be fetched", Test("every_link_that_is_given_can_be_followed")),
            must(
                "related of a relationship can be fetched",
                Test("every_link_that_is_given_can_be_followed"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Resources / Responses",
        statements: &[
            must(
                "200 for a resource that is fetched",
                Test("a_single_resource_is_answered_200_with_itself_or_null"),
            ),
            must(
                "200 for a collection that is fetched",
                Test("a_collection_is_answered_200_with_an_array_of_resources"),
            ),
            must(
                "a collection is an array of resources or an empty one",
                Test("a_collection_is_answered_200_with_an_array_of_resources"),
            ),
            must(
                "a single resource is an object or null",
                Test("a_single_resource_is_answered_200_with_itself_or_null"),
            ),
            must(
                "404 for a single resource that does not exist",
                Test("a_resource_that_does_not_exist_is_404"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Relationships",
        statements: &[must(
            "self of a relationship can be fetched",
            Test("every_relationship_link_is_answered_200_with_its_linkage"),
        )],
    },
    Section {
        source: Format,
        name: "Fetching Data / Fetching Relationships / Responses",
        statements: &[
            must(
                "200 for a relationship that is fetched",
                Test("every_relationship_link_is_answered_200_with_its_linkage"),
            ),
            must(
                "its primary data is its linkage",
                Test("every_relationship_link_is_answered_200_with_its_linkage"),
            ),
            must(
                "404 for a relationship address that does not exist",
                Test("a_relationship_that_does_not_exist_is_404"),
            ),
            must(
                "200 for a relationship that exists and is empty",
                Test("an_empty_relationship_is_answered_200"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Inclusion of Related Resources",
        statements: &[
            must(
                "400 for include where it is not supported",
                Test("an_address_that_does_not_include_refuses_to"),
            ),
            must(
                "with include there is an included, also when it is empty",
                Test("what_is_asked_for_is_included_also_when_it_is_nothing"),
            ),
            must(
                "nothing is included that was not asked for",
                Test("nothing_is_included_that_was_not_asked_for"),
            ),
            must(
                "include is a list of paths with commas between, their steps with dots between",
                Test("paths_are_parted_by_commas_and_their_steps_by_dots"),
            ),
            must("400 for a path that is unknown or not offered", Test("a_path_that_leads_nowhere_is_400")),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Sparse Fieldsets",
        statements: &[
            must(
                "fields is a list of names with commas between",
                Test("a_list_of_fields_is_names_with_commas_between_or_none"),
            ),
            must(
                "no other fields of that type are in primary data",
                Test("no_field_is_shown_that_was_not_named"),
            ),
            must(
                "no other fields of that type are in included resources",
                Test("fields_of_what_is_included_are_chosen_by_its_own_type"),
            ),
            must(
                "nor in answers to requests that write",
                Test("what_is_created_or_changed_is_shown_with_the_fields_that_were_named"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Sorting",
        statements: &[
            must("sort is a list of sort fields", Test("an_order_that_is_not_offered_is_400")),
            should("sort fields count in their order", Test("several_orders_count_one_after_the_other")),
            must(
                "an order is ascending without a minus",
                Test("an_order_is_ascending_unless_a_minus_makes_it_descending"),
            ),
            must(
                "an order is descending with a minus",
                Test("an_order_is_ascending_unless_a_minus_makes_it_descending"),
            ),
            must("400 for an order that is not supported", Test("an_order_that_is_not_offered_is_400")),
            must(
                "the primary data is in the order that was asked for",
                Test("the_primary_data_is_in_the_order_that_was_asked_for"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Pagination",
        statements: &[
            must(
                "page links are among the links of their collection",
                Test("page_links_are_among_the_links_of_their_collection"),
            ),
            must(
                "they are called first, last, prev and next",
                Test("page_links_are_among_the_links_of_their_collection"),
            ),
            must(
                "a link that is unavailable is left out or null",
                Test("a_page_link_that_leads_nowhere_is_null"),
            ),
            must(
                "next and prev are meant in the order of the sort",
                Test("the_next_page_is_next_in_the_order_that_was_asked_for"),
            ),
            should(
                "pages are asked for with the page family",
                Test("pages_are_asked_for_by_the_page_family_and_nothing_else"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Fetching Data / Filtering",
        statements: &[should(
            "results are filtered with the filter family",
            Test("results_are_filtered_by_the_filter_family_and_nothing_else"),
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
            must("the rest of it has letters a to z only", NotApplicable(NO_PARAMETERS)),
        ],
    },
    Section {
        source: Format,
        name: "Query Parameters / Implementation-Specific Query Parameters",
        statements: &[
            must(
                "the base name of a parameter of our own is a legal name, not of a to z alone",
                NotApplicable(NO_PARAMETERS),
            ),
            should("that is a capital letter", NotApplicable(NO_PARAMETERS)),
            must(
                "400 for a parameter that is named otherwise or not known",
                Test("a_parameter_that_is_not_known_is_400"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Appendix / Query Parameters Details",
        statements: &[
            must("parameters are read as forms are", Test("parameters_are_read_as_a_form_is")),
            must("parameters are written as forms are", Test("parameters_are_written_as_a_form_is")),
            should(
                "square brackets may stand unencoded",
                Test("square_brackets_mean_the_same_encoded_or_not"),
            ),
            must("and mean the same then", Test("square_brackets_mean_the_same_encoded_or_not")),
        ],
    },
];
