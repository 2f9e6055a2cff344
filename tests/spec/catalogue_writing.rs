//! JSON:API 1.1: creating, updating and deleting, and errors.

use super::catalogue::Proof::{Declined, NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const NEVER_DEFERRED: &str = "Every request is completed before the response is sent; there is no 202.";
const CLIENT_IDS: &str =
    "The server generates ids; a client-generated id is refused before anything else is checked.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Creating, Updating and Deleting Resources",
        statements: &[must("a request succeeds as a whole or not at all", Test("requests_are_atomic"))],
    },
    Section {
        source: Format,
        name: "Creating Resources",
        statements: &[
            must(
                "the primary data of a creation is one resource object",
                Test("creation_requires_one_resource_object_with_a_type"),
            ),
            must("the resource object has a type", Test("creation_requires_one_resource_object_with_a_type")),
            must(
                "a relationship of a creation is an object with data",
                Test("relationship_of_a_creation_requires_data"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Creating Resources / Client-Generated IDs",
        statements: &[
            must("a client-generated id is in the member id", NotApplicable(CLIENT_IDS)),
            must("a client-generated id is a UUID", NotApplicable(CLIENT_IDS)),
            must(
                "403 for a client-generated id where it is unsupported",
                Test("client_generated_ids_are_403"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Creating Resources / Responses",
        statements: &[
            must("201 with the created resource", Test("creation_returns_201_resource_and_location")),
            should("the response has a Location", Test("creation_returns_201_resource_and_location")),
            must(
                "Location is the self link of the resource",
                Test("creation_returns_201_resource_and_location"),
            ),
            must("202 for unfinished work", NotApplicable(NEVER_DEFERRED)),
            must(
                "201 or 204 if the server adds nothing to the resource",
                NotApplicable("The server always adds the id and the times."),
            ),
            must("404 for an unknown related resource", Test("creation_with_an_unknown_relation_is_404")),
            must("409 for an existing client-generated id", NotApplicable(CLIENT_IDS)),
            must(
                "409 for a type that the collection does not contain",
                Test("creation_with_a_wrong_type_is_409"),
            ),
            should(
                "a conflict has enough details to find its source",
                Test("conflict_names_the_conflicting_resource"),
            ),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources",
        statements: &[
            must(
                "the primary data of an update is one resource object",
                Test("update_requires_one_resource_object_with_type_and_id"),
            ),
            must(
                "the resource object has a type and an id",
                Test("update_requires_one_resource_object_with_type_and_id"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Updating a Resource's Attributes",
        statements: &[
            must("an absent attribute keeps its value", Test("absent_attributes_stay_unchanged")),
            must("an absent attribute is not treated as null", Test("absent_attributes_stay_unchanged")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Updating a Resource's Relationships",
        statements: &[
            must("an absent relationship keeps its value", Test("absent_relationships_stay_unchanged")),
            must(
                "an absent relationship is not treated as null or empty",
                Test("absent_relationships_stay_unchanged"),
            ),
            must(
                "a present relationship is an object with data",
                Test("relationship_of_an_update_requires_data"),
            ),
            must(
                "403 for the whole update if it contains an unsupported full replacement",
                Test("full_replacement_is_403_and_changes_nothing"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Responses",
        statements: &[
            must(
                "200 with the resource if more changed than requested",
                Test("update_with_side_effects_returns_the_resource"),
            ),
            must("202 for unfinished work", NotApplicable(NEVER_DEFERRED)),
            must(
                "200 or 204 if nothing else changed",
                Test("update_without_changes_returns_200_with_resource"),
            ),
            must("403 for an unsupported update", Test("unsupported_update_is_403")),
            must("404 for an unknown resource", Test("update_of_an_unknown_resource_is_404")),
            must("404 for an unknown related resource", Test("update_with_an_unknown_relation_is_404")),
            must("409 if type or id differ from the URL", Test("type_or_id_unlike_the_url_is_409")),
            should(
                "a conflict has enough details to find its source",
                Test("conflict_names_the_conflicting_resource"),
            ),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Updating To-One Relationships",
        statements: &[
            must(
                "the data of a to-one change is an identifier or null",
                Test("to_one_change_requires_an_identifier_or_null"),
            ),
            must(
                "a successful change returns a success status",
                Test("to_one_relationship_is_changed_and_cleared"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Updating To-Many Relationships",
        statements: &[
            must(
                "the data of a to-many change is an array of identifiers",
                Test("to_many_change_requires_an_array_of_identifiers"),
            ),
            must(
                "PATCH replaces all members, or returns 403 if that is not allowed",
                Test("replacing_all_members_is_403"),
            ),
            must("POST adds members that are missing", Test("existing_members_are_not_added_again")),
            must("POST adds no member twice", Test("existing_members_are_not_added_again")),
            must(
                "POST succeeds if all members are present afterwards",
                Test("existing_members_are_not_added_again"),
            ),
            must("DELETE removes members, or returns 403", Test("absent_members_are_ignored_on_removal")),
            must(
                "DELETE succeeds if all members are absent afterwards",
                Test("absent_members_are_ignored_on_removal"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Responses",
        statements: &[
            must(
                "200 with the linkage if more changed than requested",
                NotApplicable(
                    "A change of our relationships has no other effects, which the tests of these changes check.",
                ),
            ),
            must("202 for unfinished work", NotApplicable(NEVER_DEFERRED)),
            must("200 or 204 if nothing else changed", Test("to_one_relationship_is_changed_and_cleared")),
            must("403 for an unsupported change", Test("read_only_relationship_is_403")),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Deleting Resources / Responses",
        statements: &[
            must("202 for unfinished work", NotApplicable(NEVER_DEFERRED)),
            must("200 with a document or 204 without one", Test("deletion_returns_204_without_a_document")),
            should("404 for an unknown resource", Test("deletion_of_an_unknown_resource_is_404")),
            must("responses follow HTTP semantics", Test("responses_follow_http_semantics")),
        ],
    },
    Section {
        source: Format,
        name: "Errors / Processing Errors",
        statements: &[should(
            "multiple errors use the most generally applicable status",
            Test("multiple_errors_use_the_most_general_status"),
        )],
    },
    Section {
        source: Format,
        name: "Errors / Error Objects",
        statements: &[
            must("errors is an array at the top level", Test("errors_are_an_array_of_nonempty_objects")),
            must("an error has at least one member", Test("errors_are_an_array_of_nonempty_objects")),
            should(
                "the about link leads to a human-readable description",
                Declined(
                    "By contract it leads to the conflicting enrollment, which a program needs next. \
                     People read the detail.",
                ),
            ),
            should(
                "the type link leads to an explanation of the kind of error",
                NotApplicable(
                    "Our error types are those of the profile, which has its pages at jsonapi.org.",
                ),
            ),
            should("an error has a status", Test("errors_are_an_array_of_nonempty_objects")),
            should("a title does not change between occurrences", Test("error_titles_are_constant")),
            should(
                "a source has a pointer, a parameter or a header, or is absent",
                Test("error_source_is_one_place_or_absent"),
            ),
            must(
                "a pointer leads to an existing value of the request",
                Test("error_pointers_exist_in_the_request"),
            ),
        ],
    },
];
